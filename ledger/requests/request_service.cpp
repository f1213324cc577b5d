#include "ledger/requests/request_service.h"

#include "ledger/requests/handlers.h"

namespace parlor::ledger {

RequestService::RequestService(const RequestOptions& options, Store& store, ProfileKeeper& keeper,
                               JobRunner& runner, Announcer& announcer, Metrics& metrics,
                               RequestLog& log)
    : options_(options),
      store_(store),
      keeper_(keeper),
      runner_(runner),
      queue_(options.queue, announcer, metrics, log) {}

RequestService::~RequestService() { stop(); }

void RequestService::start() {
    for (std::size_t i = 0; i < options_.workers; ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

void RequestService::stop() {
    queue_.stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

std::optional<Drop> RequestService::submit(const topics::Rpc& topic, const bus::Message& message) {
    return queue_.submit(topic, message);
}

void RequestService::run() {
    Stores stores{.directory = store_.makeDirectory(),
                  .archive = store_.makeArchive(),
                  .index = store_.makeSearchIndex(),
                  .jobs = store_.makeJobs()};
    queue_.serve([&](const auto& item) { return answer(stores, item); });
}

// What was answered with a new job has somebody to do it.
Expected<v1::Response> RequestService::withJob(Expected<v1::Response> response) {
    if (response && response->has_job()) runner_.wake();
    return response;
}

Expected<v1::Response> RequestService::answer(Stores& stores, const RequestQueue::Item& item) {
    const auto profiles = keeper_.site(item.topic.site);
    if (!profiles) return Error{Errc::unavailable, "the directory has not been read yet"};
    const auto caller = authorize(item.topic, item.request, *profiles);
    if (!caller) return caller.error();
    switch (item.request.body_case()) {
        case v1::Request::kDirectory:
            return answerDirectory(keeper_, *stores.archive, *caller, item.request);
        case v1::Request::kAudit:
            return answerAudit(*stores.directory, *caller, item.request.audit());
        case v1::Request::kDeed:
            return answerDeed(*stores.directory, *caller, item.request.deed());
        case v1::Request::kCanned:
            return answerCanned(keeper_, *caller, item.request.canned());
        case v1::Request::kConversations:
            return answerConversations(*stores.archive, *caller, item.request.conversations());
        case v1::Request::kSearch:
            return answerSearch(*stores.index, *caller, item.request.search());
        case v1::Request::kReport:
            return withJob(answerReport(*stores.archive, *stores.jobs, *caller, item.request,
                                        options_.reportAtOnce));
        case v1::Request::kTranscript:
        case v1::Request::kErase:
            return withJob(caller->isGateway() ? answerVisitorsTranscript(*stores.jobs, *caller,
                                                                          item.request.transcript())
                                               : answerNewJob(*stores.jobs, *caller, item.request));
        case v1::Request::kJob:
            return answerJob(*stores.jobs, *caller, item.request.job());
        default:
            return Error{Errc::malformed, "request: no such body"};
    }
}

}  // namespace parlor::ledger
