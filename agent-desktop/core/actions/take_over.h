#pragma once

#include "agent-desktop/core/outbox.h"

namespace parlor::agent {

// Takes a conversation from whoever has it, as supervisors may; others fail with `forbidden`. Fails
// when nobody answers soon, too; it does not outlive the connection.
RequestId takeOver(Outbox& outbox, const ConversationId& conversation);

}  // namespace parlor::agent
