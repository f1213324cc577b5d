#pragma once

#include "agent-desktop/core/outbox.h"

namespace parlor::agent {

// Ends taking part; as the holder, gives the conversation back to the head of its queue. Fails with
// `conflict` where we take no part, or when nobody answers soon; it does not outlive the
// connection.
RequestId leave(Outbox& outbox, const ConversationId& conversation);

}  // namespace parlor::agent
