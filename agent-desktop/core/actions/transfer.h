#pragma once

#include <QString>
#include <variant>

#include "agent-desktop/core/outbox.h"

namespace parlor::agent {

using Destination = std::variant<AgentId, DepartmentId>;

// Hands a conversation on, with a note for whoever gets it, which may be empty. `tooLarge` past
// kMaxTextBytes: then nothing was sent. Fails later with `conflict` and why where the agent cannot
// take it, or when nobody answers soon; it does not outlive the connection.
Expected<RequestId> transfer(Outbox& outbox, const ConversationId& conversation,
                             const Destination& to, const QString& note);

}  // namespace parlor::agent
