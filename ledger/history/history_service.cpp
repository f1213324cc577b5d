#include "ledger/history/history_service.h"

#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::size_t kMaxPageBytes = std::size_t{512} * 1024;

Expected<v1::Response> answerHistory(Reader& reader, const SiteId& site, bool staff,
                                     const v1::HistoryRequest& request) {
    const auto conversation = ConversationId::parse(request.conversation());
    if (!conversation) return conversation.error();
    if (request.limit() > kMaxHistoryEvents) {
        return Error{Errc::malformed,
                     "history.limit: at most " + std::to_string(kMaxHistoryEvents)};
    }
    const bool wantsStaff = request.stream() == v1::STREAM_STAFF;
    if (wantsStaff && !staff) return Error{Errc::forbidden, "history: the shared stream only"};
    const auto page = reader.history({
        .site = site,
        .conversation = *conversation,
        .stream = wantsStaff ? v1::STREAM_STAFF : v1::STREAM_SHARED,
        .afterSeq = request.after_seq(),
        .limit = request.limit() == 0 ? kMaxHistoryEvents : request.limit(),
    });
    if (!page) return page.error();

    v1::Response response;
    auto& history = *response.mutable_history();
    history.set_epoch(page->epoch);
    history.set_head_seq(page->headSeq);
    std::size_t bytes = 0;
    for (const auto& event : page->events) {
        bytes += event.size();
        if (bytes > kMaxPageBytes && history.events_size() > 0) break;
        if (!history.add_events()->ParseFromString(event)) {
            return Error{Errc::internal, "an event in the database does not parse"};
        }
    }
    return response;
}

// Of a gateway's request for a transcript; nothing where there was none.
Expected<void> addJob(JobStore& jobs, const SiteId& site, const DraftKey& key, std::uint32_t part,
                      v1::StatusResponse& status) {
    const auto job = jobs.visitorStatus(site, key.conversation, key.request, part);
    if (job) {
        *status.mutable_job() = toResponse(*job);
    } else if (job.error().code != Errc::notFound) {
        return job.error();
    }
    return {};
}

Expected<v1::Response> answerStatus(Reader& reader, JobStore& jobs, const SiteId& site, bool staff,
                                    const v1::StatusRequest& request) {
    const auto conversation = ConversationId::parse(request.conversation());
    if (!conversation) return conversation.error();
    const auto id = RequestId::parse(request.request_id());
    if (!id) return id.error();
    const auto epoch = reader.epoch();
    if (!epoch) return epoch.error();
    const auto outcome = reader.outcome(site, {*conversation, *id});
    if (!outcome) return outcome.error();

    v1::Response response;
    auto& status = *response.mutable_status();
    v1::Receipt receipt;
    receipt.set_request_id(request.request_id());
    if (outcome->refused) {
        *receipt.mutable_failure() = toFailure(*outcome->refused);
    } else if (outcome->recorded && (staff || outcome->recorded->stream == v1::STREAM_SHARED)) {
        receipt.mutable_recorded()->set_epoch(*epoch);
        receipt.mutable_recorded()->set_stream(outcome->recorded->stream);
        receipt.mutable_recorded()->set_seq(outcome->recorded->seq);
    } else {
        if (staff) return response;
        const auto done = addJob(jobs, site, {*conversation, *id}, request.part(), status);
        if (!done) return done.error();
        return response;
    }
    *status.mutable_receipt() = std::move(receipt);
    return response;
}

Expected<v1::Response> answer(Reader& reader, JobStore& jobs,
                              const HistoryService::IsDisabled& isDisabled,
                              const RequestQueue::Item& item) {
    const bool staff = item.topic.caller.str() != kGatewayCaller;
    const auto agent = AgentId::parse(item.topic.caller.str());
    if (agent && isDisabled(item.topic.site, *agent)) {
        return Error{Errc::forbidden, "your account is disabled"};
    }
    const auto& request = item.request;
    if (request.has_history()) {
        return answerHistory(reader, item.topic.site, staff, request.history());
    }
    if (request.has_status()) {
        return answerStatus(reader, jobs, item.topic.site, staff, request.status());
    }
    return Error{Errc::malformed, "request: no such body"};
}

}  // namespace

HistoryService::HistoryService(const HistoryOptions& options, Store& store, IsDisabled isDisabled,
                               Announcer& announcer, Metrics& metrics, RequestLog& log)
    : options_(options),
      store_(store),
      isDisabled_(std::move(isDisabled)),
      queue_(options.queue, announcer, metrics, log) {}

HistoryService::~HistoryService() { stop(); }

void HistoryService::start() {
    for (std::size_t i = 0; i < options_.readers; ++i) {
        threads_.emplace_back([this] {
            const auto reader = store_.makeReader();
            const auto jobs = store_.makeJobs();
            queue_.serve(
                [&](const auto& item) { return answer(*reader, *jobs, isDisabled_, item); });
        });
    }
}

void HistoryService::stop() {
    queue_.stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

std::optional<Drop> HistoryService::submit(const topics::Rpc& topic, const bus::Message& message) {
    return queue_.submit(topic, message);
}

}  // namespace parlor::ledger
