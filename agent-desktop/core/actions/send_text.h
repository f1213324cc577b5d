#pragma once

#include <QString>

#include "agent-desktop/core/outbox.h"

namespace parlor::agent {

enum class Audience { everybody, staff };  // a message, or a note that no visitor sees

// Puts a text into the outbox, without white space around it. `malformed` when nothing is left,
// `tooLarge` past kMaxTextBytes: then nothing was sent.
Expected<RequestId> sendText(Outbox& outbox, const ConversationId& conversation,
                             const QString& text, Audience audience);

}  // namespace parlor::agent
