#pragma once

#include "agent-desktop/core/outbox.h"

namespace parlor::agent {

// Turns an offer down; it goes to the next. Fails with `conflict` where it is not ours (any more),
// or when nobody answers soon; it does not outlive the connection.
RequestId decline(Outbox& outbox, const ConversationId& conversation);

}  // namespace parlor::agent
