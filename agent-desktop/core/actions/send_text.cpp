#include "agent-desktop/core/actions/send_text.h"

#include <utility>

namespace parlor::agent {

Expected<RequestId> sendText(Outbox& outbox, const ConversationId& conversation,
                             const QString& text, Audience audience) {
    // toUtf8 turns lone surrogates into question marks, so what follows is always valid UTF-8.
    std::string utf8 = text.trimmed().toUtf8().toStdString();
    if (auto valid = validateText(utf8, kMaxTextBytes, "text"); !valid) return valid.error();
    if (utf8.empty()) return Error{Errc::malformed, "text: must not be empty"};
    v1::Draft draft;
    if (audience == Audience::staff) {
        draft.mutable_note()->set_text(std::move(utf8));
    } else {
        draft.mutable_message()->set_text(std::move(utf8));
    }
    return outbox.add(conversation, std::move(draft));
}

}  // namespace parlor::agent
