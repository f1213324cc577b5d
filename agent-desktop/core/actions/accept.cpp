#include "agent-desktop/core/actions/accept.h"

#include <utility>

namespace parlor::agent {

RequestId accept(Outbox& outbox, const ConversationId& conversation) {
    v1::Draft draft;
    draft.mutable_accept();
    return outbox.add(conversation, std::move(draft));
}

}  // namespace parlor::agent
