#include <filesystem>
#include <memory>

#include "admin/accounts.h"
#include "admin/commands/context.h"
#include "admin/secrets.h"

namespace parlor::admin {
namespace {

namespace json = boost::json;

struct SetupOptions {
    std::vector<std::string> agents;  // "site/name"
    std::string zone = "both";
    PasswordOptions password;
};

// What is missing, made, and how it is told.
class Setup {
 public:
    Setup(const Context& context, const SetupOptions& options, Dynsec& dynsec)
        : context_(context), options_(options), dynsec_(dynsec) {}

    Expected<void> services() {
        const auto zone = parseZone(options_.zone);
        if (!zone) return zone.error();
        const auto missing = setUp(dynsec_, servicesOf(*zone), context_.deadline());
        if (!missing) return missing.error();
        for (const auto& service : *missing) {
            auto done = make(service, [&](const std::string& password) {
                return addService(dynsec_, service, password, context_.deadline());
            });
            if (!done) return done;
        }
        return {};
    }

    Expected<void> agent(const std::string& text) {
        const auto who = parseRoleName("agent/" + text);
        if (!who) return Error{Errc::malformed, "--agent: must be SITE/NAME: " + text};
        const auto agents = listAgents(dynsec_, who->site, context_.deadline());
        if (!agents) return agents.error();
        const bool exists =
            std::any_of(agents->begin(), agents->end(),
                        [&](const AgentEntry& entry) { return entry.who.agent == who->agent; });
        if (exists) return {};
        return make(who->agent.str(), [&](const std::string& password) -> Expected<void> {
            const auto added = addAgent(
                dynsec_,
                {.who = *who, .displayName = displayName(who->agent.str()), .password = password},
                context_.deadline());
            if (!added) return added.error();
            return {};
        });
    }

    void show() const {
        std::string text = "accounts and rights are as they should be";
        for (const auto& line : lines_) text += "\n" + line;
        context_.show(json::object{{"changed", changed_}}, text);
    }

 private:
    using Add = std::function<Expected<void>(const std::string& password)>;

    // "alice" is shown to visitors as "Alice".
    static std::string displayName(std::string name) {
        if (name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
        return name;
    }

    Expected<void> make(const std::string& account, const Add& add) {
        const auto file = options_.password.fileOf(account);
        const bool given = !file.empty() && std::filesystem::exists(file);
        const auto password = given ? readSecret(file) : Expected<std::string>(generatePassword());
        if (!password) return password.error();
        // Written before it is used: a password that nobody knows would be of no use.
        if (!given) {
            if (auto kept = options_.password.keep(account, *password); !kept) return kept;
        }
        if (auto added = add(*password); !added) return added;
        json::object value = {{"account", account}};
        lines_.push_back("added " + account + "; " +
                         options_.password.describe(account, *password, value));
        changed_.push_back(std::move(value));
        return {};
    }

    const Context& context_;
    const SetupOptions& options_;
    Dynsec& dynsec_;
    std::vector<std::string> lines_;
    json::array changed_;
};

Expected<void> run(const Context& context, const SetupOptions& options) {
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    Setup setup(context, options, **dynsec);
    if (auto done = setup.services(); !done) return done;
    for (const auto& agent : options.agents) {
        if (auto done = setup.agent(agent); !done) return done;
    }
    setup.show();
    return {};
}

}  // namespace

void addSetupCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand(
        "setup",
        "Make the accounts of Parlor's parts, and every account's rights what they should be; "
        "harmless when repeated");
    const auto options = std::make_shared<SetupOptions>();
    command->add_option("--agent", options->agents, "An agent to make as well: SITE/NAME");
    addZoneOption(*command, options->zone);
    command
        ->add_option("--secrets", options->password.secrets,
                     "Folder of NAME.password: a new account's password is taken from there, or "
                     "made there (default: it is shown)")
        ->envname("PARLOR_ADMIN_SECRETS");
    command->callback([&context, options] {
        context.chosen = [&context, options] { return run(context, *options); };
    });
}

}  // namespace parlor::admin
