#include <memory>

#include "admin/accounts.h"
#include "admin/commands/context.h"
#include "admin/commands/ledger_half.h"

namespace parlor::admin {
namespace {

struct ServiceOptions {
    std::string name;
    std::string zone = "both";
    std::string site;  // in whose audit it is written down
    PasswordOptions password;

    Expected<Service> service() const {
        const auto where = parseZone(zone);
        if (!where) return where.error();
        return serviceNamed(name, *where);
    }
};

Expected<void> shareResult(const Context& context, const ServiceOptions& options,
                           const std::string& what, const std::string& password) {
    if (auto kept = options.password.keep(options.name, password); !kept) return kept;
    boost::json::object value = {{"service", options.name}};
    const auto text = options.password.describe(options.name, password, value);
    context.show(value, what + "; " + text);
    return {};
}

// A part serves all sites, and its account is of none.
void audit(const Context& context, const ServiceOptions& options, DeedKind deed) {
    const auto site = SiteId::parse(options.site);
    if (options.zone == "outside") {
        context.warn("not written to an audit: no ledger is in this zone");
    } else if (!site) {
        context.warn("not written to an audit: --site says whose");
    } else {
        writeDown(context, *site, deed, options.name);
    }
}

Expected<void> add(const Context& context, const ServiceOptions& options) {
    const auto service = options.service();
    if (!service) return service.error();
    const auto password = options.password.take();
    if (!password) return password.error();
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    const auto missing = setUp(**dynsec, {*service}, context.deadline());
    if (!missing) return missing.error();
    if (missing->empty()) {
        return Error{Errc::conflict, "there is an account " + options.name +
                                         " already (its rights are right now); "
                                         "reset-password gives it another password"};
    }
    auto done = addService(**dynsec, options.name, *password, context.deadline());
    if (!done) return done;
    auto shown = shareResult(context, options, "added " + options.name, *password);
    audit(context, options, v1::DeedRequest::KIND_ADD);
    return shown;
}

Expected<void> reset(const Context& context, const ServiceOptions& options) {
    if (const auto service = options.service(); !service) return service.error();
    const auto password = options.password.take();
    if (!password) return password.error();
    const auto dynsec = context.connect();
    if (!dynsec) return dynsec.error();
    auto done = setServicePassword(**dynsec, options.name, *password, context.deadline());
    if (!done) return done;
    auto shown = shareResult(context, options, options.name + " is disconnected", *password);
    audit(context, options, v1::DeedRequest::KIND_RESET_PASSWORD);
    return shown;
}

}  // namespace

void addServiceCommands(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("service", "Accounts of Parlor's own parts");
    group->require_subcommand(1);
    for (const auto& [name, help, action] :
         {std::tuple("add", "Make the account of a part", &add),
          std::tuple("reset-password", "Disconnect a part and give it another password", &reset)}) {
        auto* command = group->add_subcommand(name, help);
        const auto options = std::make_shared<ServiceOptions>();
        command->add_option("NAME", options->name, "gateway, ledger, health or bridge")->required();
        addZoneOption(*command, options->zone);
        command->add_option("--site", options->site, "The site whose audit is to say so")
            ->envname("PARLOR_SITE");
        options->password.addTo(*command);
        command->callback([&context, options, run = action] {
            context.chosen = [&context, options, run] { return run(context, *options); };
        });
    }
}

}  // namespace parlor::admin
