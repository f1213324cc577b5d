#include "agent-desktop/core/actions/take_over.h"

#include <utility>

namespace parlor::agent {

RequestId takeOver(Outbox& outbox, const ConversationId& conversation) {
    v1::Draft draft;
    draft.mutable_take_over();
    return outbox.add(conversation, std::move(draft));
}

}  // namespace parlor::agent
