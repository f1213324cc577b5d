#pragma once

#include <QString>

#include "agent-desktop/core/outbox.h"

namespace parlor::agent {

// Asks to close a conversation; it is closed when its event says so. The reason may be empty, and
// is cut at kMaxNameBytes.
RequestId closeConversation(Outbox& outbox, const ConversationId& conversation,
                            const QString& reason);

}  // namespace parlor::agent
