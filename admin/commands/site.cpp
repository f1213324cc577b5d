#include <memory>

#include "admin/accounts.h"
#include "admin/commands/context.h"
#include "admin/sites.h"

namespace parlor::admin {
namespace {

struct SiteOptions {
    std::string site;
    std::string department = "general";
};

Expected<void> list(const Context& context, const SiteOptions&) {
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    const auto sites = listSites(**dynsec, context.deadline());
    if (!sites) return sites.error();
    boost::json::array all;
    std::string text;
    for (const auto& entry : *sites) {
        all.push_back({{"site", entry.site.str()}, {"agents", entry.agents}});
        text += (text.empty() ? "" : "\n") + entry.site.str() +
                "  agents: " + std::to_string(entry.agents);
    }
    context.show(all, text);
    return {};
}

Expected<void> add(const Context& context, const SiteOptions& options) {
    const auto site = SiteId::parse(options.site);
    if (!site) return site.error();
    const auto department = DepartmentId::parse(options.department);
    if (!department) return department.error();
    const auto ledger = context.connectLedger(*site);
    if (!ledger) return ledger.error();
    if (auto done = beginSite(**ledger, *department, context.deadline()); !done) return done;
    const auto origins = "sites." + options.site + ".origins = https://SHOP.EXAMPLE";
    context.show({{"site", options.site},
                  {"department", options.department},
                  {"gateway_properties", boost::json::array{origins}}},
                 "added " + options.site + " with the department " + options.department +
                     "\nto its agents: parlor-admin agent add NAME --site " + options.site +
                     "\nto every gateway's properties, before it is restarted: " + options.site +
                     " at the end of `sites`, and\n" + origins);
    return {};
}

Expected<void> requireNoAgents(const Context& context, const SiteId& site) {
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    const auto agents = listAgents(**dynsec, site, context.deadline());
    if (!agents) return agents.error();
    if (agents->empty()) return {};
    return Error{Errc::conflict, "the site has agents, such as " + agents->front().who.agent.str() +
                                     ": remove them first"};
}

Expected<void> remove(const Context& context, const SiteOptions& options) {
    const auto site = SiteId::parse(options.site);
    if (!site) return site.error();
    if (auto none = requireNoAgents(context, *site); !none) return none;
    const auto ledger = context.connectLedger(*site);
    if (!ledger) return ledger.error();
    if (auto done = endSite(**ledger, context.deadline()); !done) return done;
    context.show({{"site", options.site}},
                 "removed the directory of " + options.site +
                     "; what was recorded stays until it is erased or retention takes it");
    return {};
}

}  // namespace

void addSiteCommands(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("site", "Sites, as far as broker and ledger know them");
    group->require_subcommand(1);
    for (const auto& [name, help, action] :
         {std::tuple("list", "Those that agents have rights at", &list),
          std::tuple("add", "Make a site's first department, and say what gateways need", &add),
          std::tuple("remove", "Forget a site that no gateway serves and no agent works at",
                     &remove)}) {
        auto* command = group->add_subcommand(name, help);
        const auto options = std::make_shared<SiteOptions>();
        if (action != &list) {
            command->add_option("SITE", options->site, "The site's name")->required();
        }
        if (action == &add) {
            command->add_option("--department", options->department, "The department's id")
                ->capture_default_str();
        }
        command->callback([&context, options, run = action] {
            context.chosen = [&context, options, run] { return run(context, *options); };
        });
    }
}

}  // namespace parlor::admin
