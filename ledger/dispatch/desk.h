#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/announce/agents.h"
#include "ledger/dispatch/directory.h"
#include "proto/errors.h"

namespace parlor::ledger {

// Where visitors wait who name no department.
inline constexpr std::string_view kDefaultDepartment = "general";

// Questions about who may do what at a site: what administrators said (the directory) together with
// what agents say of themselves. An agent without a profile is one of all departments, without
// skills and of no higher role; a department without a profile is always open, and its agents pick
// by hand. Thread-safe. Both references must outlive it.
class Desk {
 public:
    Desk(const Directory& directory, const AgentDirectory& agents)
        : directory_(directory), agents_(agents) {}

    // The name to be shown: the profile's, else the agent's own, else the id.
    std::string nameOf(const SiteId& site, const AgentId& agent) const;
    bool isSupervisor(const SiteId& site, const AgentId& agent) const;
    bool isDisabled(const SiteId& site, const AgentId& agent) const;
    bool isOnline(const SiteId& site, const AgentId& agent) const;
    // Said to be offline, or did not renew its status; which somebody never heard of is not.
    bool isOffline(const SiteId& site, const AgentId& agent) const;
    // Whether the agent is one of the department, with the skills it needs.
    bool serves(const SiteId& site, const AgentId& agent, const DepartmentId& department) const;

    // How many conversations an agent is given at most.
    std::uint32_t capacity(const SiteId& site, const AgentId& agent) const;
    // How many an agent can take, where an administrator said so.
    std::optional<std::uint32_t> limit(const SiteId& site, const AgentId& agent) const;

    // In the directory; where the site has no departments there: the default one.
    bool isListed(const SiteId& site, const DepartmentId& department) const;
    // False where the site has departments and this is none of them.
    bool exists(const SiteId& site, const DepartmentId& department) const;
    // Of a conversation that is opened there.
    std::uint32_t priority(const SiteId& site, const DepartmentId& department) const;
    bool isWithinHours(const SiteId& site, const DepartmentId& department,
                       std::int64_t nowMs) const;
    std::vector<AgentId> online(const SiteId& site, const DepartmentId& department) const;
    // Within business hours, and an agent of it is online.
    bool isOpen(const SiteId& site, const DepartmentId& department, std::int64_t nowMs) const;

    const Directory& directory() const { return directory_; }
    const AgentDirectory& agents() const { return agents_; }

 private:
    const Directory& directory_;
    const AgentDirectory& agents_;
};

// Whether a profile's agent is one of the department, with the skills it needs. null: no profile.
bool serves(const v1::AgentProfile* agent, const DepartmentId& id,
            const v1::DepartmentProfile* department);

}  // namespace parlor::ledger
