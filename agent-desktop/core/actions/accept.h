#pragma once

#include "agent-desktop/core/outbox.h"

namespace parlor::agent {

// Asks for a waiting conversation. Recorded: the assignment follows by itself. Fails with
// `conflict` and the holder's name, or when nobody answers soon; it does not outlive the
// connection.
RequestId accept(Outbox& outbox, const ConversationId& conversation);

}  // namespace parlor::agent
