#include "agent-desktop/core/actions/decline.h"

#include <utility>

namespace parlor::agent {

RequestId decline(Outbox& outbox, const ConversationId& conversation) {
    v1::Draft draft;
    draft.mutable_decline();
    return outbox.add(conversation, std::move(draft));
}

}  // namespace parlor::agent
