#include <filesystem>
#include <iomanip>
#include <memory>
#include <sstream>

#include "admin/accounts.h"
#include "admin/commands/context.h"
#include "proto/codec.h"

namespace parlor::admin {
namespace {

namespace json = boost::json;

struct AgentOptions {
    std::string site;
    std::string agent;
    std::string displayName;
    std::string role = "agent";
    bool existing = false;
    PasswordOptions password;

    Expected<AgentOfSite> who() const {
        const auto siteId = SiteId::parse(site);
        if (!siteId) return siteId.error();
        const auto agentId = AgentId::parse(agent);
        if (!agentId) return agentId.error();
        return AgentOfSite{*siteId, *agentId};
    }
};

json::object valueOf(const AgentOfSite& who) {
    return {{"site", who.site.str()}, {"agent", who.agent.str()}};
}

Expected<void> add(const Context& context, const AgentOptions& options) {
    const auto who = options.who();
    if (!who) return who.error();
    const auto role = parseStaffRole(options.role);
    if (!role) return role.error();
    const auto name = options.displayName.empty() ? options.agent : options.displayName;
    if (auto ok = validateText(name, kMaxNameBytes, "--name"); !ok) return ok.error();
    const auto password = options.password.take();
    if (!password) return password.error();
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    const auto made = addAgent(**dynsec,
                               {.who = *who,
                                .displayName = name,
                                .staffRole = *role,
                                .password = *password,
                                .existing = options.existing},
                               context.deadline());
    if (!made) return made.error();
    auto value = valueOf(*who);
    value["role"] = options.role;
    std::string text =
        "added " + options.agent + " to site " + options.site + " as " + options.role;
    if (*made) {
        if (auto kept = options.password.keep(options.agent, *password); !kept) return kept;
        text += "\n" + options.password.describe(options.agent, *password, value);
    }
    context.show(value, text);
    return {};
}

Expected<void> setEnabledAs(const Context& context, const AgentOptions& options, bool enabled) {
    const auto who = options.who();
    if (!who) return who.error();
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    if (auto done = setEnabled(**dynsec, *who, enabled, context.deadline()); !done) return done;
    auto value = valueOf(*who);
    value["enabled"] = enabled;
    context.show(value, options.agent + (enabled ? " may sign in again"
                                                 : " is signed out and may not sign in"));
    return {};
}

Expected<void> remove(const Context& context, const AgentOptions& options) {
    const auto who = options.who();
    if (!who) return who.error();
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    const auto gone = removeAgent(**dynsec, *who, context.deadline());
    if (!gone) return gone.error();
    if (*gone && !options.password.secrets.empty()) {
        std::error_code ignored;
        std::filesystem::remove(options.password.fileOf(options.agent), ignored);
    }
    auto value = valueOf(*who);
    value["account_deleted"] = *gone;
    context.show(value, "removed " + options.agent + " from site " + options.site +
                            (*gone ? "" : "; the account serves other sites"));
    return {};
}

Expected<void> reset(const Context& context, const AgentOptions& options) {
    const auto who = options.who();
    if (!who) return who.error();
    const auto password = options.password.take();
    if (!password) return password.error();
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    if (auto done = resetPassword(**dynsec, *who, *password, context.deadline()); !done) {
        return done;
    }
    if (auto kept = options.password.keep(options.agent, *password); !kept) return kept;
    auto value = valueOf(*who);
    const auto text = options.password.describe(options.agent, *password, value);
    context.show(value, options.agent + " is signed out; " + text);
    return {};
}

Expected<void> list(const Context& context, const AgentOptions& options) {
    std::optional<SiteId> site;
    if (!options.site.empty()) {
        const auto parsed = SiteId::parse(options.site);
        if (!parsed) return parsed.error();
        site = *parsed;
    }
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    const auto agents = listAgents(**dynsec, site, context.deadline());
    if (!agents) return agents.error();
    json::array value;
    std::ostringstream text;
    text << std::left << std::setw(16) << "SITE" << std::setw(24) << "AGENT" << std::setw(12)
         << "ROLE" << std::setw(10) << "STATE"
         << "NAME";
    for (const auto& agent : *agents) {
        auto entry = valueOf(agent.who);
        entry["name"] = agent.displayName;
        entry["role"] = agent.staffRole;
        entry["enabled"] = agent.enabled;
        value.push_back(std::move(entry));
        text << "\n"
             << std::setw(16) << agent.who.site.str() << std::setw(24) << agent.who.agent.str()
             << std::setw(12) << agent.staffRole << std::setw(10)
             << (agent.enabled ? "enabled" : "disabled") << agent.displayName;
    }
    context.show(value, text.str());
    return {};
}

using Action = std::function<Expected<void>(const Context&, const AgentOptions&)>;

// A command whose options the caller may add to. Every command has options of its own: a default
// from the environment is read for those that were not chosen, too.
struct Command {
    CLI::App& app;
    std::shared_ptr<AgentOptions> options;
};

Command addCommand(CLI::App& group, Context& context, const std::string& name,
                   const std::string& help, Action action) {
    auto* command = group.add_subcommand(name, help);
    const auto options = std::make_shared<AgentOptions>();
    command->callback([&context, options, action = std::move(action)] {
        context.chosen = [&context, options, action] { return action(context, *options); };
    });
    return {*command, options};
}

CLI::Option* addSite(const Command& command) {
    return command.app.add_option("--site", command.options->site, "The site")
        ->envname("PARLOR_SITE");
}

// A command about one agent.
Command addAgentCommand(CLI::App& group, Context& context, const std::string& name,
                        const std::string& help, Action action) {
    auto command = addCommand(group, context, name, help, std::move(action));
    addSite(command)->required();
    command.app
        .add_option("NAME", command.options->agent, "The agent's id, with which it signs in")
        ->required();
    return command;
}

}  // namespace

void addAgentCommands(CLI::App& app, Context& context) {
    auto& group = *app.add_subcommand("agent", "Agents' accounts")->require_subcommand(1);

    const auto adding = addAgentCommand(group, context, "add", "Make an agent", add);
    auto& o = *adding.options;
    adding.app.add_option("--name", o.displayName, "The name that visitors see");
    adding.app.add_option("--role", o.role, "agent, supervisor or admin")->capture_default_str();
    adding.app.add_flag("--existing", o.existing,
                        "Give this site to an account that serves another one already");
    o.password.addTo(adding.app);

    addAgentCommand(group, context, "disable", "Sign an agent out and let it in no more",
                    [](const auto& c, const auto& a) { return setEnabledAs(c, a, false); });
    addAgentCommand(group, context, "enable", "Let an agent in again",
                    [](const auto& c, const auto& a) { return setEnabledAs(c, a, true); });

    const auto removing = addAgentCommand(group, context, "remove",
                                          "Sign an agent out and take its account away", remove);
    removing.app
        .add_option("--secrets", removing.options->password.secrets,
                    "Delete NAME.password in this folder as well")
        ->envname("PARLOR_ADMIN_SECRETS");

    const auto resetting = addAgentCommand(group, context, "reset-password",
                                           "Sign an agent out and give it another password", reset);
    resetting.options->password.addTo(resetting.app);

    addSite(addCommand(group, context, "list", "Show the agents of a site, or of all", list));
}

}  // namespace parlor::admin
