// parlor-admin: accounts and topic rights in the broker, and what the ledger keeps of them. Exit
// codes: 0 done, 1 not done (the reason on the standard error output, and as JSON where that was
// asked for), 2 the command line was wrong.

#include <CLI/CLI.hpp>
#include <iostream>

#include "admin/commands/context.h"
#include "admin/rights.h"
#include "bus/mqtt_bus.h"

namespace parlor::admin {
namespace {

std::unique_ptr<bus::Bus> makeBus(const ConnectionOptions& options, const std::string& username,
                                  const std::string& password) {
    return bus::makePahoBus({.servers = {options.server},
                             .clientId = "admin-" + Ulid::generate().str(),
                             .username = username,
                             .password = password,
                             .caFile = options.caFile,
                             .backoffMin = std::chrono::milliseconds(10),
                             .backoffMax = std::chrono::milliseconds(200)});
}

void addConnectionOptions(CLI::App& app, ConnectionOptions& options) {
    options.username = kAdminAccount;
    app.add_option("--server", options.server, "The broker: tcp://HOST:PORT or ssl://HOST:PORT")
        ->envname("PARLOR_ADMIN_SERVER")
        ->capture_default_str();
    app.add_option("--admin", options.username, "The account that manages accounts")
        ->envname("PARLOR_ADMIN_ACCOUNT")
        ->capture_default_str();
    app.add_option("--admin-password-file", options.passwordFile,
                   "Its password, - for the standard input")
        ->envname("PARLOR_ADMIN_PASSWORD_FILE");
    app.add_option("--ca-file", options.caFile, "Certificates to trust with ssl://")
        ->envname("PARLOR_ADMIN_CA_FILE");
    app.add_option("--timeout", options.timeoutSeconds,
                   "Seconds to wait for the broker, and for the ledger")
        ->check(CLI::Range(1, 600))
        ->capture_default_str();
    app.add_flag("--json", options.json, "Results as JSON");
}

int report(const Context& context, const Error& error) {
    context.warn(error.text);
    if (context.options.json && !context.hasShown()) {
        context.show({{"error", make_error_code(error.code).message()}, {"text", error.text}}, "");
    }
    return 1;
}

int run(int argc, char** argv) {
    CLI::App app("Accounts and topic rights of Parlor's broker.", "parlor-admin");
    Context context(makeBus, std::cout, std::cerr);
    addConnectionOptions(app, context.options);
    app.require_subcommand(1);
    app.fallthrough();
    addBrokerCommands(app, context);
    addSetupCommand(app, context);
    addServiceCommands(app, context);
    addAgentCommands(app, context);
    addSiteCommands(app, context);
    addLedgerCommands(app, context);
    addRecordCommands(app, context);
    addKeyCommands(app, context);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    const auto done = context.chosen();
    return done ? context.exitCode : report(context, done.error());
}

}  // namespace
}  // namespace parlor::admin

int main(int argc, char** argv) {
    try {
        return parlor::admin::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "parlor-admin: " << error.what() << "\n";
        return 1;
    }
}
