#include "agent-desktop/core/actions/join.h"

#include <utility>

namespace parlor::agent {

RequestId join(Outbox& outbox, const ConversationId& conversation) {
    v1::Draft draft;
    draft.mutable_join();
    return outbox.add(conversation, std::move(draft));
}

}  // namespace parlor::agent
