#include "agent-desktop/core/actions/leave.h"

#include <utility>

namespace parlor::agent {

RequestId leave(Outbox& outbox, const ConversationId& conversation) {
    v1::Draft draft;
    draft.mutable_leave();
    return outbox.add(conversation, std::move(draft));
}

}  // namespace parlor::agent
