#include "agent-desktop/core/actions/transfer.h"

#include <utility>

namespace parlor::agent {

Expected<RequestId> transfer(Outbox& outbox, const ConversationId& conversation,
                             const Destination& to, const QString& note) {
    std::string utf8 = note.trimmed().toUtf8().toStdString();
    if (auto valid = validateText(utf8, kMaxTextBytes, "note"); !valid) return valid.error();
    v1::Draft draft;
    auto& transfer = *draft.mutable_transfer();
    if (const auto* agent = std::get_if<AgentId>(&to)) {
        transfer.set_agent(agent->str());
    } else {
        transfer.set_department(std::get<DepartmentId>(to).str());
    }
    transfer.set_note(std::move(utf8));
    return outbox.add(conversation, std::move(draft));
}

}  // namespace parlor::agent
