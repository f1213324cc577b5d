#include "admin/directory.h"

#include <algorithm>

namespace parlor::admin {
namespace {

namespace json = boost::json;

constexpr int kPage =
    100;  // of a list in one answer, so that no answer is larger than a message may be
constexpr std::string_view kAgentRole = "agent/";

std::string_view aclType(Right::Kind kind) {
    switch (kind) {
        case Right::Kind::write:
            return "publishClientSend";
        case Right::Kind::read:
            return "publishClientReceive";
        case Right::Kind::subscribe:
            return "subscribePattern";
    }
    return "";
}

json::array aclsOf(const Rights& rights) {
    json::array acls;
    for (const auto& right : rights) {
        acls.push_back({{"acltype", aclType(right.kind)},
                        {"topic", right.filter},
                        {"priority", 0},
                        {"allow", true}});
    }
    return acls;
}

std::string textOf(const json::object& object, std::string_view member) {
    const auto* value = object.if_contains(member);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::array& listOf(const json::object& object, std::string_view member) {
    static const json::array none;
    const auto* value = object.if_contains(member);
    return value && value->is_array() ? value->get_array() : none;
}

bool flag(const json::object& object, std::string_view member) {
    const auto* value = object.if_contains(member);
    return value && value->is_bool() && value->get_bool();
}

// What Parlor never writes (a denial, a literal subscription) becomes a right that no role of ours
// holds, so that a role with it differs from what it should be.
Right rightOf(const json::object& acl) {
    const auto type = textOf(acl, "acltype");
    const auto topic = textOf(acl, "topic");
    for (const auto kind : {Right::Kind::write, Right::Kind::read, Right::Kind::subscribe}) {
        if (type == aclType(kind) && flag(acl, "allow")) return {kind, topic};
    }
    return {Right::Kind::write, "(" + type + ") " + topic};
}

Role roleOf(const json::object& entry) {
    Role role{.name = textOf(entry, "rolename"), .title = textOf(entry, "textname"), .rights = {}};
    for (const auto& acl : listOf(entry, "acls")) {
        if (acl.is_object()) role.rights.push_back(rightOf(acl.get_object()));
    }
    std::sort(role.rights.begin(), role.rights.end());
    return role;
}

Account accountOf(const json::object& entry) {
    Account account{.name = textOf(entry, "username"),
                    .displayName = textOf(entry, "textname"),
                    .enabled = !flag(entry, "disabled"),
                    .roles = {}};
    for (const auto& role : listOf(entry, "roles")) {
        if (role.is_object()) account.roles.push_back(textOf(role.get_object(), "rolename"));
    }
    return account;
}

// All entries of one of the plugin's lists, page by page.
Expected<json::array> readList(Dynsec& dynsec, std::string_view command, std::string_view member,
                               bus::Deadline deadline) {
    json::array all;
    for (;;) {
        auto results = dynsec.call(
            {{{"command", command}, {"verbose", true}, {"count", kPage}, {"offset", all.size()}}},
            deadline);
        if (!results) return results.error();
        auto& data = results->front();
        if (!data) return data.error();
        const auto& page = listOf(*data, member);
        all.insert(all.end(), page.begin(), page.end());
        if (page.size() < kPage) return all;
    }
}

bool deniesByDefault(const json::object& access) {
    const auto& acls = listOf(access, "acls");
    return !acls.empty() && std::none_of(acls.begin(), acls.end(), [](const json::value& acl) {
        return acl.is_object() && textOf(acl.get_object(), "acltype") != "unsubscribe" &&
               flag(acl.get_object(), "allow");
    });
}

json::object command(std::string_view name, std::string_view account) {
    return {{"command", name}, {"username", account}};
}

json::object roleCommand(std::string_view name, const Role& role) {
    return {{"command", name},
            {"rolename", role.name},
            {"textname", role.title},
            {"acls", aclsOf(role.rights)}};
}

}  // namespace

bool Account::has(std::string_view role) const {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

const Role* Directory::role(std::string_view wanted) const {
    const auto found = std::find_if(roles.begin(), roles.end(),
                                    [&](const Role& role) { return role.name == wanted; });
    return found == roles.end() ? nullptr : &*found;
}

const Account* Directory::account(std::string_view wanted) const {
    const auto found = std::find_if(accounts.begin(), accounts.end(),
                                    [&](const Account& account) { return account.name == wanted; });
    return found == accounts.end() ? nullptr : &*found;
}

std::string roleName(const AgentOfSite& who) {
    return std::string(kAgentRole) + who.site.str() + "/" + who.agent.str();
}

std::optional<AgentOfSite> parseRoleName(std::string_view name) {
    if (!name.starts_with(kAgentRole)) return {};
    name.remove_prefix(kAgentRole.size());
    const auto slash = name.find('/');
    if (slash == std::string_view::npos) return {};
    const auto site = SiteId::parse(name.substr(0, slash));
    const auto agent = AgentId::parse(name.substr(slash + 1));
    if (!site || !agent) return {};
    return AgentOfSite{*site, *agent};
}

Role agentRole(const AgentOfSite& who, v1::Role staffRole) {
    return {.name = roleName(who),
            .title = std::string(nameOf(staffRole)),
            .rights = agentRights(who.site, who.agent)};
}

Expected<Directory> readDirectory(Dynsec& dynsec, bus::Deadline deadline) {
    Directory directory;
    auto access = dynsec.call({{{"command", "getDefaultACLAccess"}}}, deadline);
    if (!access) return access.error();
    if (!access->front()) return access->front().error();
    directory.deniesByDefault = deniesByDefault(*access->front());

    auto roles = readList(dynsec, "listRoles", "roles", deadline);
    if (!roles) return roles.error();
    for (const auto& entry : *roles) {
        if (entry.is_object()) directory.roles.push_back(roleOf(entry.get_object()));
    }
    auto accounts = readList(dynsec, "listClients", "clients", deadline);
    if (!accounts) return accounts.error();
    for (const auto& entry : *accounts) {
        if (entry.is_object()) directory.accounts.push_back(accountOf(entry.get_object()));
    }
    return directory;
}

namespace commands {

json::object createRole(const Role& role) { return roleCommand("createRole", role); }
json::object replaceRole(const Role& role) { return roleCommand("modifyRole", role); }

json::object deleteRole(std::string_view role) {
    return {{"command", "deleteRole"}, {"rolename", role}};
}

json::object createAccount(const Account& account, std::string_view password) {
    auto result = command("createClient", account.name);
    result["password"] = password;
    result["textname"] = account.displayName;
    json::array roles;
    for (const auto& role : account.roles) roles.push_back(json::object{{"rolename", role}});
    result["roles"] = std::move(roles);
    return result;
}

json::object setPassword(std::string_view account, std::string_view password) {
    auto result = command("setClientPassword", account);
    result["password"] = password;
    return result;
}

json::object addRole(std::string_view account, std::string_view role) {
    auto result = command("addClientRole", account);
    result["rolename"] = role;
    return result;
}

json::object removeRole(std::string_view account, std::string_view role) {
    auto result = command("removeClientRole", account);
    result["rolename"] = role;
    return result;
}

json::object disable(std::string_view account) { return command("disableClient", account); }
json::object enable(std::string_view account) { return command("enableClient", account); }
json::object deleteAccount(std::string_view account) { return command("deleteClient", account); }

json::object denyByDefault() {
    json::array acls;
    for (const auto* type : {"publishClientSend", "publishClientReceive", "subscribe"}) {
        acls.push_back({{"acltype", type}, {"allow", false}});
    }
    return {{"command", "setDefaultACLAccess"}, {"acls", std::move(acls)}};
}

}  // namespace commands

std::vector<json::object> planRoles(const Directory& current, const std::vector<Role>& wanted) {
    std::vector<json::object> plan;
    if (!current.deniesByDefault) plan.push_back(commands::denyByDefault());
    for (const auto& role : wanted) {
        const auto* existing = current.role(role.name);
        if (existing == nullptr) {
            plan.push_back(commands::createRole(role));
        } else if (*existing != role) {
            plan.push_back(commands::replaceRole(role));
        }
    }
    return plan;
}

}  // namespace parlor::admin
