#include "ledger/history/history_service.h"

#include <algorithm>

#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::size_t kJobsPerWake = 16;
constexpr std::size_t kMaxPageBytes = std::size_t{512} * 1024;
// As long as rpc/… lives on the broker (docs/protocol.md).
constexpr std::chrono::seconds kCallerPatience{30};

v1::Response failure(const Error& error) {
    v1::Response response;
    *response.mutable_failure() = toFailure(error);
    return response;
}

v1::Response answerHistory(Reader& reader, const SiteId& site, bool staff,
                           const v1::HistoryRequest& request) {
    const auto conversation = ConversationId::parse(request.conversation());
    if (!conversation) return failure(conversation.error());
    if (request.limit() > kMaxHistoryEvents) {
        return failure(
            {Errc::malformed, "history.limit: at most " + std::to_string(kMaxHistoryEvents)});
    }
    const bool wantsStaff = request.stream() == v1::STREAM_STAFF;
    if (wantsStaff && !staff) return failure({Errc::forbidden, "history: the shared stream only"});
    const auto page = reader.history({
        .site = site,
        .conversation = *conversation,
        .stream = wantsStaff ? v1::STREAM_STAFF : v1::STREAM_SHARED,
        .afterSeq = request.after_seq(),
        .limit = request.limit() == 0 ? kMaxHistoryEvents : request.limit(),
    });
    if (!page) return failure(page.error());

    v1::Response response;
    auto& history = *response.mutable_history();
    history.set_epoch(page->epoch);
    history.set_head_seq(page->headSeq);
    std::size_t bytes = 0;
    for (const auto& event : page->events) {
        bytes += event.size();
        if (bytes > kMaxPageBytes && history.events_size() > 0) break;
        if (!history.add_events()->ParseFromString(event)) {
            return failure({Errc::internal, "an event in the database does not parse"});
        }
    }
    return response;
}

v1::Response answerStatus(Reader& reader, const SiteId& site, bool staff,
                          const v1::StatusRequest& request) {
    const auto conversation = ConversationId::parse(request.conversation());
    if (!conversation) return failure(conversation.error());
    const auto id = RequestId::parse(request.request_id());
    if (!id) return failure(id.error());
    const auto epoch = reader.epoch();
    if (!epoch) return failure(epoch.error());
    const auto place = reader.place(site, {*conversation, *id});
    if (!place) return failure(place.error());

    v1::Response response;
    auto& status = *response.mutable_status();
    const bool visible = *place && (staff || (*place)->stream == v1::STREAM_SHARED);
    if (!visible) return response;
    auto& receipt = *status.mutable_receipt();
    receipt.set_request_id(request.request_id());
    receipt.mutable_recorded()->set_epoch(*epoch);
    receipt.mutable_recorded()->set_stream((*place)->stream);
    receipt.mutable_recorded()->set_seq((*place)->seq);
    return response;
}

}  // namespace

HistoryService::HistoryService(const HistoryOptions& options, Store& store, Announcer& announcer,
                               Metrics& metrics)
    : options_(options), store_(store), announcer_(announcer), metrics_(metrics) {}

HistoryService::~HistoryService() { stop(); }

void HistoryService::start() {
    for (std::size_t i = 0; i < options_.readers; ++i) {
        threads_.emplace_back([this] {
            const auto reader = store_.makeReader();
            run(*reader);
        });
    }
}

void HistoryService::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

void HistoryService::submit(const topics::Rpc& topic, const bus::Message& message) {
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
            jobs_.push_back({topic.site, topic.caller.str() != kGatewayCaller, std::move(*request),
                             std::move(*reply), bus::Clock::now() + kCallerPatience});
            wake_.notify_one();
            return;
        }
    }
    metrics_.dropped(Drop::overloaded);
    announcer_.reply(*reply, failure({Errc::overloaded, "the ledger has too much to do"}));
}

std::vector<HistoryService::Job> HistoryService::take() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return !jobs_.empty() || stopping_; });
    const auto count = static_cast<std::ptrdiff_t>(std::min(jobs_.size(), kJobsPerWake));
    std::vector<Job> taken(std::make_move_iterator(jobs_.begin()),
                           std::make_move_iterator(jobs_.begin() + count));
    jobs_.erase(jobs_.begin(), jobs_.begin() + count);
    return taken;
}

void HistoryService::run(Reader& reader) {
    for (;;) {
        const auto jobs = take();
        if (jobs.empty()) return;
        for (const auto& job : jobs) {
            if (bus::Clock::now() > job.giveUp) {
                metrics_.dropped(Drop::expired);
                continue;
            }
            metrics_.request();
            announcer_.reply(job.reply, answer(reader, job));
        }
    }
}

v1::Response HistoryService::answer(Reader& reader, const Job& job) {
    if (job.request.has_history()) {
        return answerHistory(reader, job.site, job.staff, job.request.history());
    }
    if (job.request.has_status()) {
        return answerStatus(reader, job.site, job.staff, job.request.status());
    }
    return failure({Errc::malformed, "request: no such body"});
}

}  // namespace parlor::ledger
