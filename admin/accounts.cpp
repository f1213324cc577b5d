#include "admin/accounts.h"

#include <algorithm>
#include <tuple>

namespace parlor::admin {
namespace {

std::string textOf(const AgentOfSite& who) {
    return who.agent.str() + " of site " + who.site.str();
}

// The agent's account, as the broker has it; notFound where the site has no such agent.
Expected<Account> findAgent(Dynsec& dynsec, const AgentOfSite& who, bus::Deadline deadline) {
    const auto directory = readDirectory(dynsec, deadline);
    if (!directory) return directory.error();
    const auto* account = directory->account(who.agent.str());
    if (account == nullptr || !account->has(roleName(who))) {
        return Error{Errc::notFound, "no agent " + textOf(who)};
    }
    return *account;
}

bool isAgentAccount(const Account& account) {
    return std::any_of(account.roles.begin(), account.roles.end(),
                       [](const std::string& role) { return parseRoleName(role).has_value(); });
}

// Why `agent` cannot be added to what is there already.
std::optional<Error> obstacle(const Account& account, const NewAgent& agent) {
    if (account.has(roleName(agent.who))) {
        return Error{Errc::conflict, "there is an agent " + textOf(agent.who) + " already"};
    }
    if (!isAgentAccount(account)) {
        return Error{Errc::conflict,
                     "the account " + account.name + " is not an agent's: choose another name"};
    }
    if (!agent.existing) {
        return Error{Errc::conflict, "the account " + account.name +
                                         " serves another site: to give it this one too, say so"};
    }
    return {};
}

bool isServiceName(const std::string& name) {
    return name == kAdminAccount || serviceNamed(name, Zone::inside);
}

// A service's account that exists is enabled and has its role, and no other.
void healAccount(const Directory& directory, const std::string& service,
                 std::vector<boost::json::object>& plan) {
    const auto* account = directory.account(service);
    if (account == nullptr) return;
    if (!account->enabled) plan.push_back(commands::enable(service));
    if (!account->has(service)) plan.push_back(commands::addRole(service, service));
    for (const auto& role : account->roles) {
        if (role != service) plan.push_back(commands::removeRole(service, role));
    }
}

}  // namespace

Expected<std::vector<AgentEntry>> listAgents(Dynsec& dynsec, const std::optional<SiteId>& site,
                                             bus::Deadline deadline) {
    const auto directory = readDirectory(dynsec, deadline);
    if (!directory) return directory.error();
    std::vector<AgentEntry> agents;
    for (const auto& account : directory->accounts) {
        for (const auto& name : account.roles) {
            const auto who = parseRoleName(name);
            if (!who || who->agent.str() != account.name || (site && who->site != *site)) continue;
            const auto* role = directory->role(name);
            agents.push_back({.who = *who,
                              .displayName = account.displayName,
                              .staffRole = role == nullptr ? "" : role->title,
                              .enabled = account.enabled});
        }
    }
    std::sort(agents.begin(), agents.end(), [](const AgentEntry& a, const AgentEntry& b) {
        return std::tie(a.who.site, a.who.agent) < std::tie(b.who.site, b.who.agent);
    });
    return agents;
}

Expected<bool> addAgent(Dynsec& dynsec, const NewAgent& agent, bus::Deadline deadline) {
    const auto directory = readDirectory(dynsec, deadline);
    if (!directory) return directory.error();
    const auto* account = directory->account(agent.who.agent.str());
    if (isServiceName(agent.who.agent.str())) {
        return Error{Errc::conflict, agent.who.agent.str() + " is the name of a part of Parlor"};
    }
    if (account != nullptr) {
        if (const auto error = obstacle(*account, agent)) return *error;
    }
    const auto role = agentRole(agent.who, agent.staffRole);
    auto plan = planRoles(*directory, {role});
    if (account == nullptr) {
        plan.push_back(commands::createAccount(
            {.name = agent.who.agent.str(), .displayName = agent.displayName, .roles = {role.name}},
            agent.password));
    } else {
        plan.push_back(commands::addRole(account->name, role.name));
    }
    if (auto done = dynsec.callAll(std::move(plan), deadline); !done) return done.error();
    return account == nullptr;
}

Expected<void> setEnabled(Dynsec& dynsec, const AgentOfSite& who, bool enabled,
                          bus::Deadline deadline) {
    const auto account = findAgent(dynsec, who, deadline);
    if (!account) return account.error();
    if (account->enabled == enabled) return {};
    return dynsec.callAll(
        {enabled ? commands::enable(account->name) : commands::disable(account->name)}, deadline);
}

Expected<void> resetPassword(Dynsec& dynsec, const AgentOfSite& who, const std::string& password,
                             bus::Deadline deadline) {
    const auto account = findAgent(dynsec, who, deadline);
    if (!account) return account.error();
    return dynsec.callAll({commands::setPassword(account->name, password)}, deadline);
}

Expected<bool> removeAgent(Dynsec& dynsec, const AgentOfSite& who, bus::Deadline deadline) {
    const auto account = findAgent(dynsec, who, deadline);
    if (!account) return account.error();
    const bool last = std::none_of(
        account->roles.begin(), account->roles.end(),
        [&](const std::string& role) { return role != roleName(who) && parseRoleName(role); });
    // Disabled first: the broker publishes the agent's will while its rights still allow that.
    std::vector<boost::json::object> plan = {commands::disable(account->name)};
    if (last) {
        plan.push_back(commands::deleteAccount(account->name));
    } else {
        plan.push_back(commands::removeRole(account->name, roleName(who)));
        if (account->enabled) plan.push_back(commands::enable(account->name));
    }
    plan.push_back(commands::deleteRole(roleName(who)));
    if (auto done = dynsec.callAll(std::move(plan), deadline); !done) return done.error();
    return last;
}

std::vector<Service> standardServices() {
    return {{kGatewayAccount, gatewayRights()},
            {kLedgerAccount, ledgerRights()},
            {kHealthAccount, healthRights()}};
}

Expected<Service> serviceNamed(const std::string& name, Zone zone) {
    for (auto& service : standardServices()) {
        if (service.name == name) return std::move(service);
    }
    if (name == kBridgeAccount) {
        return Service{kBridgeAccount,
                       zone == Zone::inside ? bridgeInsideRights() : bridgeOutsideRights()};
    }
    return Error{Errc::notFound, "no such service: " + name};
}

Expected<std::vector<std::string>> setUp(Dynsec& dynsec, const std::vector<Service>& services,
                                         bus::Deadline deadline) {
    const auto directory = readDirectory(dynsec, deadline);
    if (!directory) return directory.error();
    std::vector<Role> wanted;
    for (const auto& service : services) {
        wanted.push_back({.name = service.name, .title = "", .rights = service.rights});
    }
    for (const auto& role : directory->roles) {
        const auto who = parseRoleName(role.name);
        if (!who) continue;
        const auto staffRole = parseStaffRole(role.title);
        wanted.push_back(agentRole(*who, staffRole ? *staffRole : StaffRole::agent));
    }
    auto plan = planRoles(*directory, wanted);
    for (const auto& service : services) healAccount(*directory, service.name, plan);
    if (auto done = dynsec.callAll(std::move(plan), deadline); !done) return done.error();
    std::vector<std::string> missing;
    for (const auto& service : services) {
        if (directory->account(service.name) == nullptr) missing.push_back(service.name);
    }
    return missing;
}

Expected<void> addService(Dynsec& dynsec, const std::string& service, const std::string& password,
                          bus::Deadline deadline) {
    return dynsec.callAll({commands::createAccount(
                              {.name = service, .displayName = "", .roles = {service}}, password)},
                          deadline);
}

Expected<void> setServicePassword(Dynsec& dynsec, const std::string& service,
                                  const std::string& password, bus::Deadline deadline) {
    return dynsec.callAll({commands::setPassword(service, password)}, deadline);
}

}  // namespace parlor::admin
