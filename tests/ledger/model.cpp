#include "tests/ledger/model.h"

namespace parlor::ledger::test {
namespace {

Model::Outcome no(v1::ErrorCode why) { return {.error = why}; }

}  // namespace

Model::Outcome Model::record(Conversation& at, v1::Stream stream, Recorded event) {
    auto& log = stream == v1::STREAM_STAFF ? at.staff : at.shared;
    const auto requestId = event.requestId;
    log.push_back(std::move(event));
    return at.outcomes[requestId] = {.stream = stream, .seq = log.size()};
}

Model::Outcome Model::open(const std::string& conversation, const std::string& requestId) {
    const auto known = conversations_.find(conversation);
    if (known == conversations_.end()) {
        return record(conversations_[conversation], v1::STREAM_SHARED, {requestId, "", "opened"});
    }
    const auto before = known->second.outcomes.find(requestId);
    return before == known->second.outcomes.end() ? no(v1::ERROR_CODE_CONFLICT) : before->second;
}

Model::Outcome Model::post(const std::string& conversation, const std::string& agent,
                           const v1::Draft& draft) {
    const auto known = conversations_.find(conversation);
    if (known == conversations_.end()) return no(v1::ERROR_CODE_NOT_FOUND);
    Conversation& at = known->second;
    if (const auto before = at.outcomes.find(draft.request_id()); before != at.outcomes.end()) {
        return before->second;
    }
    const bool visitor = agent.empty();
    const bool holds = !visitor && at.holder == agent;
    const auto recorded = [&](const std::string& kind, v1::Stream stream = v1::STREAM_SHARED) {
        return record(at, stream, {draft.request_id(), agent, kind});
    };
    if (draft.has_accept()) {
        if (visitor) return no(v1::ERROR_CODE_FORBIDDEN);
        if (at.closed) return no(v1::ERROR_CODE_CLOSED);
        if (holds) return {.stream = v1::STREAM_SHARED, .seq = at.assignedSeq};
        if (!at.holder.empty()) return no(v1::ERROR_CODE_CONFLICT);
        at.holder = agent;
        at.lastHolder = agent;
        at.assignedSeq = at.shared.size() + 1;
        return recorded("assigned");
    }
    if (draft.has_rating()) return visitor ? recorded("rating") : no(v1::ERROR_CODE_FORBIDDEN);
    if (draft.has_note() && visitor) return no(v1::ERROR_CODE_FORBIDDEN);
    if (at.closed && visitor && draft.has_message()) {
        at.closed = false;
        at.holder.clear();
        at.shared.push_back({"", "", "reopened"});
        at.shared.push_back({"", "", "queued"});
        return recorded("message");
    }
    if (at.closed && !draft.has_read()) return no(v1::ERROR_CODE_CLOSED);
    const bool mayStillRead = at.closed && at.lastHolder == agent;
    if (!visitor && !holds && !mayStillRead) return no(v1::ERROR_CODE_FORBIDDEN);
    if (draft.has_read()) {
        return draft.read().seq() > at.shared.size() ? no(v1::ERROR_CODE_MALFORMED)
                                                     : recorded("read");
    }
    if (draft.has_close()) {
        at.closed = true;
        return recorded("closed");
    }
    if (draft.has_note()) return recorded("note", v1::STREAM_STAFF);
    return recorded("message");
}

}  // namespace parlor::ledger::test
