#include "ledger/dispatch/desk.h"

#include <algorithm>

namespace parlor::ledger {
namespace {

constexpr std::uint32_t kUsualCapacity = 5;

const v1::AgentProfile* find(const SiteDirectory& site, const AgentId& agent) {
    const auto at = site.agents.find(agent);
    return at == site.agents.end() ? nullptr : &at->second;
}
const v1::DepartmentProfile* find(const SiteDirectory& site, const DepartmentId& department) {
    const auto at = site.departments.find(department);
    return at == site.departments.end() ? nullptr : &at->second.profile;
}

}  // namespace

bool serves(const v1::AgentProfile* agent, const DepartmentId& id,
            const v1::DepartmentProfile* department) {
    if (agent != nullptr && agent->disabled()) return false;
    const auto has = [](const auto& list, const std::string& wanted) {
        return std::find(list.begin(), list.end(), wanted) != list.end();
    };
    if (agent != nullptr && agent->departments_size() > 0 && !has(agent->departments(), id.str())) {
        return false;
    }
    if (department == nullptr) return true;
    const auto& needed = department->skills();
    return std::all_of(needed.begin(), needed.end(), [&](const std::string& skill) {
        return agent != nullptr && has(agent->skills(), skill);
    });
}

std::string Desk::nameOf(const SiteId& site, const AgentId& agent) const {
    const auto directory = directory_.at(site);
    const auto* profile = find(*directory, agent);
    if (profile != nullptr && !profile->name().empty()) return profile->name();
    return agents_.nameOf(site, agent);
}

bool Desk::isSupervisor(const SiteId& site, const AgentId& agent) const {
    const auto directory = directory_.at(site);
    const auto* profile = find(*directory, agent);
    return profile != nullptr && !profile->disabled() && profile->role() >= v1::ROLE_SUPERVISOR;
}

bool Desk::isDisabled(const SiteId& site, const AgentId& agent) const {
    const auto directory = directory_.at(site);
    const auto* profile = find(*directory, agent);
    return profile != nullptr && profile->disabled();
}

bool Desk::isOnline(const SiteId& site, const AgentId& agent) const {
    return agents_.presence(site, agent).state == v1::AgentStatus::STATE_ONLINE;
}

bool Desk::isOffline(const SiteId& site, const AgentId& agent) const {
    return agents_.presence(site, agent).state == v1::AgentStatus::STATE_OFFLINE;
}

bool Desk::serves(const SiteId& site, const AgentId& agent, const DepartmentId& department) const {
    const auto directory = directory_.at(site);
    return ledger::serves(find(*directory, agent), department, find(*directory, department));
}

std::optional<std::uint32_t> Desk::limit(const SiteId& site, const AgentId& agent) const {
    const auto directory = directory_.at(site);
    const auto* profile = find(*directory, agent);
    if (profile == nullptr || profile->capacity() == 0) return std::nullopt;
    return profile->capacity();
}

std::uint32_t Desk::capacity(const SiteId& site, const AgentId& agent) const {
    if (const auto fixed = limit(site, agent)) return *fixed;
    const auto own = agents_.presence(site, agent).capacity;
    return own == 0 ? kUsualCapacity : own;
}

bool Desk::isListed(const SiteId& site, const DepartmentId& department) const {
    const auto directory = directory_.at(site);
    if (directory->departments.empty()) return department.str() == kDefaultDepartment;
    return directory->departments.contains(department);
}

bool Desk::exists(const SiteId& site, const DepartmentId& department) const {
    const auto directory = directory_.at(site);
    return directory->departments.empty() || directory->departments.contains(department);
}

std::uint32_t Desk::priority(const SiteId& site, const DepartmentId& department) const {
    const auto directory = directory_.at(site);
    const auto* profile = find(*directory, department);
    return profile == nullptr ? 0 : profile->priority();
}

bool Desk::isWithinHours(const SiteId& site, const DepartmentId& department,
                         std::int64_t nowMs) const {
    const auto directory = directory_.at(site);
    const auto at = directory->departments.find(department);
    return at == directory->departments.end() || at->second.hours.isOpen(nowMs);
}

std::vector<AgentId> Desk::online(const SiteId& site, const DepartmentId& department) const {
    const auto directory = directory_.at(site);
    auto agents = agents_.onlineAgents(site);
    std::erase_if(agents, [&](const AgentId& agent) {
        return !ledger::serves(find(*directory, agent), department, find(*directory, department));
    });
    return agents;
}

bool Desk::isOpen(const SiteId& site, const DepartmentId& department, std::int64_t nowMs) const {
    return isWithinHours(site, department, nowMs) && !online(site, department).empty();
}

}  // namespace parlor::ledger
