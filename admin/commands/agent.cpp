#include <filesystem>
#include <iomanip>
#include <memory>
#include <sstream>

#include "admin/accounts.h"
#include "admin/commands/context.h"
#include "admin/commands/ledger_half.h"
#include "admin/profiles.h"
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

using Deed = v1::DeedRequest;

// Shows what was done, with what of it was not: which is the command's error.
Expected<void> showHalves(const Context& context, json::object value, const std::string& text,
                          const Expected<bool>& ledger) {
    if (!ledger) {
        value["error"] = make_error_code(ledger.error().code).message();
        value["text"] = ledger.error().text;
    }
    context.show(value, text);
    return ledger ? Expected<void>() : ledger.error();
}

// The account of an agent that there is, where `agent` describes it: all that an interrupted
// command can have left undone is then the ledger's half.
Expected<std::optional<AgentEntry>> findSame(Dynsec& dynsec, const NewAgent& agent,
                                             bus::Deadline deadline) {
    const auto entries = listAgents(dynsec, agent.who.site, deadline);
    if (!entries) return entries.error();
    for (const auto& entry : *entries) {
        if (entry.who.agent == agent.who.agent && entry.staffRole == nameOf(agent.staffRole)) {
            return std::optional(entry);
        }
    }
    return std::optional<AgentEntry>();
}

// The ledger's half of adding an agent whose account is there.
Expected<bool> addToLedger(const Context& context, const NewAgent& agent, bool disabled,
                           bool again) {
    return carryOn(context, {.sites = {agent.who.site},
                             .deed = Deed::KIND_ADD,
                             .account = agent.who.agent.str(),
                             .change =
                                 [&](LedgerClient& ledger) {
                                     return saveProfile(ledger,
                                                        {.agent = agent.who.agent,
                                                         .displayName = agent.displayName,
                                                         .staffRole = agent.staffRole,
                                                         .disabled = disabled},
                                                        context.deadline());
                                 },
                             .again = again});
}

// After the broker refused to add the agent with `conflict`.
Expected<void> addAgain(const Context& context, Dynsec& dynsec, const NewAgent& agent,
                        const Error& conflict) {
    const auto entry = findSame(dynsec, agent, context.deadline());
    if (!entry) return entry.error();
    if (!*entry) return conflict;
    const auto changed = addToLedger(context, agent, !(*entry)->enabled, true);
    if (changed && !*changed) return conflict;
    auto value = valueOf(agent.who);
    value["role"] = nameOf(agent.staffRole);
    return showHalves(context, std::move(value),
                      agent.who.agent.str() + " was there already, with the password it has" +
                          (changed ? "; the ledger knows now what it is" : ""),
                      changed);
}

Expected<NewAgent> newAgentOf(const AgentOptions& options) {
    const auto who = options.who();
    if (!who) return who.error();
    const auto role = parseRole(options.role);
    if (!role) return role.error();
    const auto shown = options.displayName.empty() ? options.agent : options.displayName;
    if (auto ok = validateText(shown, kMaxNameBytes, "--name"); !ok) return ok.error();
    auto password = options.password.take();
    if (!password) return password.error();
    return NewAgent{.who = *who,
                    .displayName = shown,
                    .staffRole = *role,
                    .password = std::move(*password),
                    .existing = options.existing};
}

Expected<void> add(const Context& context, const AgentOptions& options) {
    const auto agent = newAgentOf(options);
    if (!agent) return agent.error();
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    const auto made = addAgent(**dynsec, *agent, context.deadline());
    if (!made && made.error().code == Errc::conflict) {
        return addAgain(context, **dynsec, *agent, made.error());
    }
    if (!made) return made.error();
    auto value = valueOf(agent->who);
    value["role"] = options.role;
    std::string text =
        "added " + options.agent + " to site " + options.site + " as " + options.role;
    if (*made) {
        if (auto kept = options.password.keep(options.agent, agent->password); !kept) return kept;
        text += "\n" + options.password.describe(options.agent, agent->password, value);
    }
    return showHalves(context, std::move(value), text, addToLedger(context, *agent, false, false));
}

Expected<void> setEnabledAs(const Context& context, const AgentOptions& options, bool enabled) {
    const auto who = options.who();
    if (!who) return who.error();
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    const auto sites = setEnabled(**dynsec, *who, enabled, context.deadline());
    if (!sites) return sites.error();
    const auto done = carryOn(context, {.sites = *sites,
                                        .deed = enabled ? Deed::KIND_ENABLE : Deed::KIND_DISABLE,
                                        .account = options.agent,
                                        .change = [&](LedgerClient& ledger) {
                                            return saveProfile(
                                                ledger, {.agent = who->agent, .disabled = !enabled},
                                                context.deadline());
                                        }});
    auto value = valueOf(*who);
    value["enabled"] = enabled;
    return showHalves(
        context, std::move(value),
        options.agent + (enabled ? " may sign in again" : " is signed out and may not sign in"),
        done);
}

// The ledger forgets what the agent was. `gone` is the broker's answer where it has no such
// account: the command's, too, where the ledger has nothing either.
Expected<void> forget(const Context& context, const AgentOfSite& who, json::object value,
                      const std::string& text, const std::optional<Error>& gone) {
    const auto had =
        carryOn(context, {.sites = {who.site},
                          .deed = Deed::KIND_REMOVE,
                          .account = who.agent.str(),
                          .change =
                              [&](LedgerClient& ledger) {
                                  return removeProfile(ledger, who.agent, context.deadline());
                              },
                          .again = gone.has_value()});
    if (gone && had && !*had) return *gone;
    return showHalves(context, std::move(value), text, had);
}

Expected<void> remove(const Context& context, const AgentOptions& options) {
    const auto who = options.who();
    if (!who) return who.error();
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    auto value = valueOf(*who);
    const auto gone = removeAgent(**dynsec, *who, context.deadline());
    if (!gone && gone.error().code == Errc::notFound) {
        return forget(context, *who, std::move(value), gone.error().text + " any more",
                      gone.error());
    }
    if (!gone) return gone.error();
    if (*gone && !options.password.secrets.empty()) {
        std::error_code ignored;
        std::filesystem::remove(options.password.fileOf(options.agent), ignored);
    }
    value["account_deleted"] = *gone;
    return forget(context, *who, std::move(value),
                  "removed " + options.agent + " from site " + options.site +
                      (*gone ? "" : "; the account serves other sites"),
                  {});
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
    writeDown(context, who->site, Deed::KIND_RESET_PASSWORD, options.agent);
    auto value = valueOf(*who);
    const auto text = options.password.describe(options.agent, *password, value);
    context.show(value, options.agent + " is signed out; " + text);
    return {};
}

using SiteProfiles = std::map<SiteId, AgentProfiles>;

// What the ledger says of these agents. Where it does not answer, that is said, and the rest are
// not asked for.
SiteProfiles readProfilesOf(const Context& context, const std::vector<AgentEntry>& agents) {
    SiteProfiles all;
    for (const auto& agent : agents) {
        const auto& site = agent.who.site;
        if (all.contains(site)) continue;
        const auto ledger = context.connectLedger(site);
        auto profiles = ledger ? readProfiles(**ledger, context.deadline())
                               : Expected<AgentProfiles>(ledger.error());
        if (!profiles) {
            context.warn("roles and states are the accounts' only: " + profiles.error().text);
            return all;
        }
        all.emplace(site, std::move(*profiles));
    }
    return all;
}

// What an agent may do is the ledger's word; who is to be let in must be by both.
AgentEntry asBothHalvesSay(AgentEntry agent, const SiteProfiles& profiles) {
    const auto site = profiles.find(agent.who.site);
    if (site == profiles.end()) return agent;
    agent.staffRole = nameOf(roleIn(site->second, agent.who.agent));
    agent.enabled = agent.enabled && !isDisabledIn(site->second, agent.who.agent);
    return agent;
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
    const auto profiles = readProfilesOf(context, *agents);
    json::array value;
    std::ostringstream text;
    text << std::left << std::setw(16) << "SITE" << std::setw(24) << "AGENT" << std::setw(12)
         << "ROLE" << std::setw(10) << "STATE"
         << "NAME";
    for (const auto& agent : *agents) {
        const auto seen = asBothHalvesSay(agent, profiles);
        auto entry = valueOf(agent.who);
        entry["name"] = agent.displayName;
        entry["role"] = seen.staffRole;
        entry["enabled"] = seen.enabled;
        value.push_back(std::move(entry));
        text << "\n"
             << std::setw(16) << agent.who.site.str() << std::setw(24) << agent.who.agent.str()
             << std::setw(12) << seen.staffRole << std::setw(10)
             << (seen.enabled ? "enabled" : "disabled") << agent.displayName;
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
