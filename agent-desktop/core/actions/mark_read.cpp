#include "agent-desktop/core/actions/mark_read.h"

#include <utility>

namespace parlor::agent {

RequestId markRead(Outbox& outbox, const ConversationId& conversation, std::uint64_t seq) {
    v1::Draft draft;
    draft.mutable_read()->set_seq(seq);
    return outbox.add(conversation, std::move(draft));
}

}  // namespace parlor::agent
