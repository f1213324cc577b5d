#include "ledger/intake/rules.h"

#include <algorithm>

namespace parlor::ledger {
namespace {

constexpr std::size_t kPreviewCodePoints = 120;

Error forbidden(std::string text) { return {Errc::forbidden, std::move(text)}; }
Error closed() { return {Errc::closed, "the conversation is closed"}; }

v1::Event eventBy(const Author& author, v1::Stream stream) {
    v1::Event event;
    event.set_stream(stream);
    auto& party = *event.mutable_author();
    party.set_kind(author.agent ? v1::Party::KIND_AGENT : v1::Party::KIND_VISITOR);
    if (author.agent) party.set_id(author.agent->str());
    party.set_name(author.name);
    return event;
}

Expected<Verdict> judgeAccept(const Conversation& now, const Author& author,
                              const std::string& holderName) {
    if (!author.agent) return forbidden("accept: only for agents");
    switch (now.state) {
        case ConversationState::closed:
            return closed();
        case ConversationState::assigned:
            if (now.heldBy(*author.agent))
                return Verdict(Place{v1::STREAM_SHARED, now.assignedSeq});
            return Error{Errc::conflict, "held by " + holderName};
        case ConversationState::waiting:
            break;
    }
    auto event = eventBy(author, v1::STREAM_SHARED);
    event.mutable_assigned()->set_agent(author.agent->str());
    event.mutable_assigned()->set_agent_name(author.name);
    event.mutable_assigned()->set_fence(now.fence + 1);
    return Verdict(std::move(event));
}

// Visitors always, agents while they hold the conversation.
Expected<void> checkMaySpeak(const Conversation& now, const Author& author) {
    if (!author.agent || now.heldBy(*author.agent)) return {};
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
    return Verdict(std::move(event));
}

}  // namespace

Expected<Verdict> judge(const Conversation& now, const Author& author, const v1::Draft& draft,
                        const std::string& holderName) {
    if (draft.has_accept()) return judgeAccept(now, author, holderName);
    if (draft.has_rating() && author.agent) return forbidden("rating: only for visitors");
    if (draft.has_note() && !author.agent) return forbidden("note: only for agents");
    const bool allowedWhenClosed = draft.has_read() || draft.has_rating();
    if (now.state == ConversationState::closed && !allowedWhenClosed) return closed();
    if (auto may = checkMaySpeak(now, author); !may) return may.error();

    if (draft.has_read()) return judgeRead(now, author, draft);
    auto event = eventBy(author, draft.has_note() ? v1::STREAM_STAFF : v1::STREAM_SHARED);
    if (draft.has_message()) {
        *event.mutable_message() = draft.message();
    } else if (draft.has_rating()) {
        *event.mutable_rating() = draft.rating();
    } else if (draft.has_close()) {
        event.mutable_closed()->set_reason(draft.close().reason());
    } else if (draft.has_note()) {
        *event.mutable_note() = draft.note();
    } else {
        return Error{Errc::malformed, "draft: no body"};
    }
    return Verdict(std::move(event));
}

void apply(Conversation& row, const v1::Event& event) {
    if (event.has_message() && event.author().kind() == v1::Party::KIND_VISITOR) {
        row.preview = previewOf(event.message().text());
    } else if (event.has_assigned()) {
        row.state = ConversationState::assigned;
        row.agent = *AgentId::parse(event.assigned().agent());
        row.fence = event.assigned().fence();
        row.assignedSeq = event.seq();
        row.assignedAtMs = event.recorded_at_ms();
    } else if (event.has_closed()) {
        row.state = ConversationState::closed;
        row.closedAtMs = event.recorded_at_ms();
    }
}

std::string previewOf(const std::string& text) {
    std::size_t points = 0;
    // A code point starts where a byte is not a continuation (10xxxxxx).
    const auto end = std::find_if(text.begin(), text.end(), [&](char c) {
        const bool starts = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        return starts && points++ == kPreviewCodePoints;
    });
    return {text.begin(), end};
}

}  // namespace parlor::ledger
