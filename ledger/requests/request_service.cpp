#include "ledger/requests/request_service.h"

#include "ledger/requests/handlers.h"
#include "proto/codec.h"

namespace parlor::ledger {
namespace {

// As long as rpc/… lives on the broker (docs/protocol.md).
constexpr std::chrono::seconds kCallerPatience{30};

v1::Response failure(const Error& error) {
    v1::Response response;
    *response.mutable_failure() = toFailure(error);
    return response;
}

}  // namespace

RequestService::RequestService(const RequestOptions& options, Store& store, ProfileKeeper& keeper,
                               JobRunner& runner, Announcer& announcer, Metrics& metrics)
    : options_(options),
      store_(store),
      keeper_(keeper),
      runner_(runner),
      announcer_(announcer),
      metrics_(metrics) {}

RequestService::~RequestService() { stop(); }

void RequestService::start() {
    for (std::size_t i = 0; i < options_.workers; ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

void RequestService::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

void RequestService::submit(const topics::Rpc& topic, const bus::Message& message) {
    auto reply = replyAddress(message, topic.site, topic.caller.str());
    if (!reply) {
        metrics_.dropped(reply.error() == ReplyFault::correlation ? Drop::correlation
                                                                  : Drop::responseTopic);
        return;
    }
    auto request = decode<v1::Request>(message.payload);
    if (!request) {
        metrics_.dropped(Drop::garbage);
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_) return;
        if (jobs_.size() < options_.queue) {
            jobs_.push_back({topic, std::move(*request), std::move(*reply),
                             bus::Clock::now() + kCallerPatience});
            wake_.notify_one();
            return;
        }
    }
    metrics_.dropped(Drop::overloaded);
    announcer_.reply(*reply, failure({Errc::overloaded, "the ledger has too much to do"}));
}

std::optional<RequestService::Job> RequestService::take() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return !jobs_.empty() || stopping_; });
    if (jobs_.empty()) return std::nullopt;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
}

void RequestService::run() {
    Stores stores{.directory = store_.makeDirectory(),
                  .archive = store_.makeArchive(),
                  .index = store_.makeSearchIndex(),
                  .jobs = store_.makeJobs()};
    while (const auto job = take()) {
        if (bus::Clock::now() > job->giveUp) {
            metrics_.dropped(Drop::expired);
            continue;
        }
        metrics_.request();
        const auto response = answer(stores, *job);
        announcer_.reply(job->reply, response ? *response : failure(response.error()));
    }
}

Expected<v1::Response> RequestService::answer(Stores& stores, const Job& job) {
    const auto profiles = keeper_.site(job.topic.site);
    if (!profiles) return Error{Errc::unavailable, "the directory has not been read yet"};
    const auto caller = authorize(job.topic, job.request, *profiles);
    if (!caller) return caller.error();
    switch (job.request.body_case()) {
        case v1::Request::kDirectory:
            return answerDirectory(keeper_, *caller, job.request);
        case v1::Request::kAudit:
            return answerAudit(*stores.directory, *caller, job.request.audit());
        case v1::Request::kCanned:
            return answerCanned(keeper_, *caller, job.request.canned());
        case v1::Request::kConversations:
            return answerConversations(*stores.archive, *caller, job.request.conversations());
        case v1::Request::kSearch:
            return answerSearch(*stores.index, *caller, job.request.search());
        case v1::Request::kReport:
            return answerReport(*stores.archive, *caller, job.request.report());
        case v1::Request::kTranscript:
        case v1::Request::kErase: {
            auto response = answerNewJob(*stores.jobs, *caller, job.request);
            if (response) runner_.wake();
            return response;
        }
        case v1::Request::kJob:
            return answerJob(*stores.jobs, *caller, job.request.job());
        default:
            return Error{Errc::malformed, "request: no such body"};
    }
}

}  // namespace parlor::ledger
