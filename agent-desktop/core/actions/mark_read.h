#pragma once

#include "agent-desktop/core/outbox.h"

namespace parlor::agent {

// Records that the agent has seen all shared events up to `seq`. An older position that is still
// waiting is dropped for it.
RequestId markRead(Outbox& outbox, const ConversationId& conversation, std::uint64_t seq);

}  // namespace parlor::agent
