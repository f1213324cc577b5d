#pragma once

#include "agent-desktop/core/outbox.h"

namespace parlor::agent {

// Asks to take part in a conversation that a colleague holds. Recorded: the assignment follows by
// itself. Fails with `conflict` where nobody holds it, `forbidden` where we do not serve its
// department, or when nobody answers soon; it does not outlive the connection.
RequestId join(Outbox& outbox, const ConversationId& conversation);

}  // namespace parlor::agent
