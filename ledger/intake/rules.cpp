#include "ledger/intake/rules.h"

#include "ledger/intake/handling.h"

namespace parlor::ledger {
namespace {

Error forbidden(std::string text) { return {Errc::forbidden, std::move(text)}; }
Error closed() { return {Errc::closed, "the conversation is closed"}; }
Verdict only(v1::Event event) {
    std::vector<v1::Event> events;
    events.push_back(std::move(event));
    return events;
}

// Visitors always, agents while they hold the conversation or take part in it.
Expected<void> checkMaySpeak(const Conversation& now, const Author& author) {
    if (!author.agent || now.heldBy(*author.agent) || now.joinedBy(*author.agent)) return {};
    // Whoever held it last may still say what they read of it.
    if (now.state == ConversationState::closed && now.agent == author.agent) return {};
    return forbidden("the conversation is not yours");
}

Expected<Verdict> judgeRead(const Conversation& now, const Author& author, const v1::Draft& draft) {
    if (draft.read().seq() > now.shared.seq) {
        return Error{Errc::malformed, "read.seq: past the newest event"};
    }
    auto event = eventBy(author, v1::STREAM_SHARED);
    *event.mutable_read() = draft.read();
    return only(std::move(event));
}

Expected<Verdict> judgeReopening(const Scene& scene, const Author& author, const v1::Draft& draft) {
    if (scene.nowMs - scene.now.closedAtMs > scene.reopenWithin.count()) return closed();
    std::vector<v1::Event> events;
    events.push_back(eventBy(author, v1::STREAM_SHARED));
    events.back().mutable_reopened();
    events.push_back(queuedEvent(eventBy(author, v1::STREAM_SHARED), scene.now,
                                 scene.now.department, "reopened"));
    events.push_back(eventBy(author, v1::STREAM_SHARED));
    *events.back().mutable_message() = draft.message();
    return Verdict(std::move(events));
}

// What only agents do to a conversation that is not closed.
Expected<Verdict> judgeHandling(const Scene& scene, const Author& author, const v1::Draft& draft) {
    const auto* field = v1::Draft::descriptor()->FindFieldByNumber(draft.body_case());
    if (!author.agent) return forbidden(field->name() + ": only for agents");
    if (scene.now.state == ConversationState::closed) return closed();
    switch (draft.body_case()) {
        case v1::Draft::kAccept:
            return judgeAccept(scene, author);
        case v1::Draft::kDecline:
            return judgeDecline(scene, author);
        case v1::Draft::kTransfer:
            return judgeTransfer(scene, author, draft.transfer());
        case v1::Draft::kTakeOver:
            return judgeTakeOver(scene, author);
        case v1::Draft::kPrioritize:
            return judgePrioritize(scene, author, draft.prioritize());
        case v1::Draft::kJoin:
            return judgeJoin(scene, author);
        default:
            return judgeLeave(scene, author);
    }
}

bool isHandling(const v1::Draft& draft) {
    return draft.has_accept() || draft.has_decline() || draft.has_transfer() ||
           draft.has_take_over() || draft.has_prioritize() || draft.has_join() || draft.has_leave();
}

}  // namespace

Expected<Verdict> judge(const Scene& scene, const Author& author, const v1::Draft& draft) {
    const Conversation& now = scene.now;
    if (author.agent && scene.desk.isDisabled(now.site, *author.agent)) {
        return forbidden("you do not work here any more");
    }
    if (isHandling(draft)) return judgeHandling(scene, author, draft);
    if (draft.has_rating() && author.agent) return forbidden("rating: only for visitors");
    if (draft.has_note() && !author.agent) return forbidden("note: only for agents");
    if (now.state == ConversationState::closed) {
        if (draft.has_message() && !author.agent) return judgeReopening(scene, author, draft);
        if (!draft.has_read() && !draft.has_rating()) return closed();
    }
    if (auto may = checkMaySpeak(now, author); !may) return may.error();

    if (draft.has_read()) return judgeRead(now, author, draft);
    auto event = eventBy(author, draft.has_note() ? v1::STREAM_STAFF : v1::STREAM_SHARED);
    if (draft.has_message()) {
        *event.mutable_message() = draft.message();
    } else if (draft.has_rating()) {
        *event.mutable_rating() = draft.rating();
    } else if (draft.has_close()) {
        if (author.agent && !now.heldBy(*author.agent)) return forbidden("close: for its holder");
        event.mutable_closed()->set_reason(draft.close().reason());
    } else if (draft.has_note()) {
        *event.mutable_note() = draft.note();
    } else {
        return Error{Errc::malformed, "draft: no body"};
    }
    return only(std::move(event));
}

std::optional<AgentId> receiverOf(const std::optional<AgentId>& author, const v1::Draft& draft) {
    if (draft.has_accept() || draft.has_take_over()) return author;
    if (!draft.has_transfer() || !draft.transfer().has_agent()) return std::nullopt;
    const auto to = AgentId::parse(draft.transfer().agent());
    return to ? std::optional(*to) : std::nullopt;
}

}  // namespace parlor::ledger
