#include "tests/ledger/desk_state.h"

#include <algorithm>
#include <tuple>

#include "tests/ledger/world.h"

namespace parlor::ledger::test {

const std::vector<std::string>& deskDepartments() {
    static const std::vector<std::string> all{"general", "sales", "support"};
    return all;
}

std::vector<v1::DepartmentProfile> deskDepartmentProfiles() {
    auto sales = department("sales", v1::ROUTING_LONGEST_IDLE);
    sales.add_skills("french");
    sales.set_priority(1);
    return {department("general", v1::ROUTING_LEAST_BUSY), sales,
            department("support", v1::ROUTING_STICKY)};
}

std::vector<v1::AgentProfile> deskAgentProfiles() {
    auto alice = agent(kAlice, 2);
    alice.add_skills("french");
    auto bob = agent(kBob, 1);
    bob.add_departments("general");
    auto carol = agent(kCarol, 3, v1::ROLE_SUPERVISOR);
    carol.add_skills("french");
    return {alice, bob, carol};
}

DeskState::DeskState() { directory_.replace(kSite, deskDepartmentProfiles(), deskAgentProfiles()); }

void DeskState::tell(const AgentId& agent, v1::AgentStatus::State state) {
    v1::AgentStatus status;
    status.set_state(state);
    agents_.update(kSite, agent, status);
}

std::map<AgentId, std::uint32_t> DeskState::loads(const Rows& rows) {
    std::map<AgentId, std::uint32_t> loads;
    for (const auto& [id, row] : rows) {
        if (row.state == ConversationState::assigned) ++loads[*row.agent];
        if (row.offer) ++loads[row.offer->agent];
    }
    return loads;
}

std::string DeskState::overloaded(const Rows& rows) const {
    for (const auto& [agent, load] : loads(rows)) {
        const auto capacity = desk_.capacity(kSite, agent);
        if (load > capacity) {
            return agent.str() + " has " + std::to_string(load) + " of " + std::to_string(capacity);
        }
    }
    return {};
}

bool DeskState::fits(const Conversation& row, const AgentId& agent) const {
    return desk_.isOnline(kSite, agent) && desk_.serves(kSite, agent, row.department) &&
           std::count(row.declined.begin(), row.declined.end(), agent) == 0;
}

bool DeskState::couldGet(const Rows& rows, const Conversation& row, const AgentId& agent) const {
    return fits(row, agent) && loads(rows)[agent] < desk_.capacity(kSite, agent);
}

std::string DeskState::undone(const Rows& rows) const {
    for (const auto& [id, row] : rows) {
        const auto name = id.str() + " of " + row.department.str() + " ";
        if (row.offer && !desk_.isOnline(kSite, row.offer->agent)) {
            return name + "is offered to " + row.offer->agent.str() + ", who is away";
        }
        const bool held = row.state == ConversationState::assigned;
        if (held && desk_.isOffline(kSite, *row.agent)) {
            return name + "is held by " + row.agent->str() + ", who is gone";
        }
        if (row.state != ConversationState::waiting || row.offer) continue;
        for (const auto& agent : {kAlice, kBob, kCarol}) {
            if (couldGet(rows, row, agent)) return name + "waits, and " + agent.str() + " is free";
        }
    }
    return {};
}

std::uint32_t DeskState::priorityOf(const DepartmentId& department) {
    for (const auto& profile : deskDepartmentProfiles()) {
        if (profile.id() == department.str()) return profile.priority();
    }
    return 0;
}

bool DeskState::comesBefore(const Conversation& first, const Conversation& second) {
    const auto right = [](const Conversation& each) {
        return std::tuple(-std::int64_t{each.priority}, each.waitingSinceMs, each.id);
    };
    return right(first) < right(second);
}

}  // namespace parlor::ledger::test
