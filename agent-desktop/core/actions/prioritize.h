#pragma once

#include "agent-desktop/core/outbox.h"

namespace parlor::agent {

// Gives a waiting conversation another place in its queue (0..9, the greatest first), as
// supervisors may; others fail with `forbidden`. Fails when nobody answers soon, too; it does not
// outlive the connection.
RequestId prioritize(Outbox& outbox, const ConversationId& conversation, std::uint32_t priority);

}  // namespace parlor::agent
