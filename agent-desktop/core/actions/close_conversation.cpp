#include "agent-desktop/core/actions/close_conversation.h"

#include <utility>

namespace parlor::agent {

RequestId closeConversation(Outbox& outbox, const ConversationId& conversation,
                            const QString& reason) {
    QString cut = reason.trimmed();
    while (cut.toUtf8().size() > static_cast<qsizetype>(kMaxNameBytes)) cut.chop(1);
    v1::Draft draft;
    draft.mutable_close()->set_reason(cut.toUtf8().toStdString());
    return outbox.add(conversation, std::move(draft));
}

}  // namespace parlor::agent
