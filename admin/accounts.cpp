#include "admin/accounts.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "proto/codec.h"
#include "proto/topics.h"

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

// To colleagues and the ledger: this agent is offline, or exists no more. The broker publishes no
// will for a client that it was told to disconnect.
Expected<void> tellOffline(Dynsec& dynsec, const AgentOfSite& who, bool exists,
                           bus::Deadline deadline) {
    v1::AgentStatus status;
    status.set_state(v1::AgentStatus::STATE_OFFLINE);
    status.set_since_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count());
    return dynsec.publish({.topic = topics::format(topics::Status{who.site, who.agent}),
                           .payload = exists ? encode(status) : std::string(),
                           .retain = true},
                          deadline);
}

Expected<void> tellOfflineEverywhere(Dynsec& dynsec, const Account& account,
                                     bus::Deadline deadline) {
    for (const auto& role : account.roles) {
        const auto who = parseRoleName(role);
        if (!who) continue;
        if (auto told = tellOffline(dynsec, *who, true, deadline); !told) return told;
    }
    return {};
}

std::vector<SiteId> sitesOf(const Account& account) {
    std::vector<SiteId> sites;
    for (const auto& role : account.roles) {
        if (const auto who = parseRoleName(role)) sites.push_back(who->site);
    }
    return sites;
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
                                         " serves another site; --existing gives it this one too"};
    }
    return {};
}

bool isServiceName(const std::string& name) {
    return name == kAdminAccount || name == kGatewayAccount || name == kLedgerAccount ||
           name == kHealthAccount || name == kBridgeAccount;
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

Expected<std::vector<SiteId>> setEnabled(Dynsec& dynsec, const AgentOfSite& who, bool enabled,
                                         bus::Deadline deadline) {
    const auto account = findAgent(dynsec, who, deadline);
    if (!account) return account.error();
    const auto command =
        enabled ? commands::enable(account->name) : commands::disable(account->name);
    auto done = dynsec.callAll({command}, deadline);
    if (done && !enabled) done = tellOfflineEverywhere(dynsec, *account, deadline);
    if (!done) return done.error();
    return sitesOf(*account);
}

Expected<void> resetPassword(Dynsec& dynsec, const AgentOfSite& who, const std::string& password,
                             bus::Deadline deadline) {
    const auto account = findAgent(dynsec, who, deadline);
    if (!account) return account.error();
    auto done = dynsec.callAll({commands::setPassword(account->name, password)}, deadline);
    return done ? tellOfflineEverywhere(dynsec, *account, deadline) : done;
}

Expected<bool> removeAgent(Dynsec& dynsec, const AgentOfSite& who, bus::Deadline deadline) {
    const auto account = findAgent(dynsec, who, deadline);
    if (!account) return account.error();
    const bool last = std::none_of(
        account->roles.begin(), account->roles.end(),
        [&](const std::string& role) { return role != roleName(who) && parseRoleName(role); });
    // Disabled while the others are told, so that the agent does not come back in between.
    auto done = dynsec.callAll({commands::disable(account->name)}, deadline);
    if (done) done = tellOfflineEverywhere(dynsec, *account, deadline);
    if (done) done = tellOffline(dynsec, who, false, deadline);
    if (!done) return done.error();

    std::vector<boost::json::object> plan;
    if (last) {
        plan.push_back(commands::deleteAccount(account->name));
    } else {
        plan.push_back(commands::removeRole(account->name, roleName(who)));
        if (account->enabled) plan.push_back(commands::enable(account->name));
    }
    plan.push_back(commands::deleteRole(roleName(who)));
    done = dynsec.callAll(std::move(plan), deadline);
    if (!done) return done.error();
    return last;
}

Expected<Zone> parseZone(std::string_view text) {
    if (text == "both") return Zone::both;
    if (text == "inside") return Zone::inside;
    if (text == "outside") return Zone::outside;
    return Error{Errc::malformed, "zone: must be both, inside or outside"};
}

std::vector<Service> servicesOf(Zone zone) {
    std::vector<Service> services = {{kHealthAccount, healthRights()}};
    if (zone != Zone::inside) services.push_back({kGatewayAccount, gatewayRights()});
    if (zone != Zone::outside) services.push_back({kLedgerAccount, ledgerRights()});
    if (zone == Zone::inside) services.push_back({kBridgeAccount, bridgeInsideRights()});
    if (zone == Zone::outside) services.push_back({kBridgeAccount, bridgeOutsideRights()});
    return services;
}

Expected<Service> serviceNamed(const std::string& name, Zone zone) {
    for (auto& service : servicesOf(zone)) {
        if (service.name == name) return std::move(service);
    }
    return Error{Errc::notFound, "no such part of Parlor in this zone: " + name};
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
        const auto staffRole = parseRole(role.title);
        wanted.push_back(agentRole(*who, staffRole ? *staffRole : v1::ROLE_AGENT));
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
