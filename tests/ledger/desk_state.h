#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/dispatch/desk.h"
#include "ledger/store/records.h"

namespace parlor::ledger::test {

// A small service desk: three departments, and three agents with different skills and room.
const std::vector<std::string>& deskDepartments();
std::vector<v1::DepartmentProfile> deskDepartmentProfiles();
std::vector<v1::AgentProfile> deskAgentProfiles();

// What holds of it, given everybody's status and the conversations.
class DeskState {
 public:
    using Rows = std::map<ConversationId, Conversation>;

    DeskState();

    void tell(const AgentId& agent, v1::AgentStatus::State state);
    // Who has more than there is room for; "": nobody.
    std::string overloaded(const Rows& rows) const;
    // Serves its department, is online, and has not turned it down.
    bool fits(const Conversation& row, const AgentId& agent) const;
    // Fits, and has room.
    bool couldGet(const Rows& rows, const Conversation& row, const AgentId& agent) const;
    // What is left to be done by dispatch; "": nothing.
    std::string undone(const Rows& rows) const;
    // What is opened in the department begins with.
    static std::uint32_t priorityOf(const DepartmentId& department);
    // Whether `first` comes before `second` where both could be given to somebody.
    static bool comesBefore(const Conversation& first, const Conversation& second);

 private:
    static std::map<AgentId, std::uint32_t> loads(const Rows& rows);

    Directory directory_;
    AgentDirectory agents_;
    const Desk desk_{directory_, agents_};
};

}  // namespace parlor::ledger::test
