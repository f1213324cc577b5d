#pragma once

// The broker's accounts and roles as values, how they are read, and the commands that change them.
//
//   account   one name and password; an agent's is its id, one for all its sites
//   role      a named list of rights: "gateway", "ledger", "health", "bridge", or one for each
//   agent
//             of each site, "agent/{site}/{agent}", with that agent's literal topics. (The plugin's
//             %u patterns know the account's name, but not the site.)

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "admin/dynsec.h"
#include "admin/rights.h"
#include "proto/roles.h"

namespace parlor::admin {

struct Role {
    std::string name;
    std::string title;  // of an agent's role: what it is among the staff; else empty
    Rights rights;
    bool operator==(const Role&) const = default;
};

struct Account {
    std::string name;
    std::string displayName;
    bool enabled = true;
    std::vector<std::string> roles;  // their names
    bool has(std::string_view role) const;
};

struct Directory {
    std::vector<Role> roles;
    std::vector<Account> accounts;
    bool deniesByDefault = false;  // what no right grants is refused

    const Role* role(std::string_view name) const;
    const Account* account(std::string_view name) const;
};

struct AgentOfSite {
    SiteId site;
    AgentId agent;
};
std::string roleName(const AgentOfSite& who);
// Nothing where the name is not of an agent's role.
std::optional<AgentOfSite> parseRoleName(std::string_view name);
// The broker grants all staff the same topics; who may call which method is decided by the ledger.
Role agentRole(const AgentOfSite& who, v1::Role staffRole);

// Everything the broker knows. Fails as Dynsec::call does.
Expected<Directory> readDirectory(Dynsec& dynsec, bus::Deadline deadline);

// Commands of the plugin.
namespace commands {

boost::json::object createRole(const Role& role);
// Makes a role that exists what `role` says. The broker disconnects who holds it.
boost::json::object replaceRole(const Role& role);
boost::json::object deleteRole(std::string_view role);
boost::json::object createAccount(const Account& account, std::string_view password);
boost::json::object setPassword(std::string_view account, std::string_view password);
boost::json::object addRole(std::string_view account, std::string_view role);
boost::json::object removeRole(std::string_view account, std::string_view role);
// The broker disconnects it at once; its will is not published.
boost::json::object disable(std::string_view account);
boost::json::object enable(std::string_view account);
boost::json::object deleteAccount(std::string_view account);
boost::json::object denyByDefault();

}  // namespace commands

// What makes `current` hold all `wanted` roles with exactly their rights, and refuse by default.
// Nothing where that is so already.
std::vector<boost::json::object> planRoles(const Directory& current,
                                           const std::vector<Role>& wanted);

}  // namespace parlor::admin
