#include "agent-desktop/core/actions/prioritize.h"

#include <utility>

namespace parlor::agent {

RequestId prioritize(Outbox& outbox, const ConversationId& conversation, std::uint32_t priority) {
    v1::Draft draft;
    draft.mutable_prioritize()->set_priority(priority);
    return outbox.add(conversation, std::move(draft));
}

}  // namespace parlor::agent
