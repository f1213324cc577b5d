// parlor-agent-headless: an agent without a window, for tests, or by script (--demo). The lines it
// reads and writes are described in commander.h and reporter.h.

#include <QCoreApplication>
#include <cstdio>
#include <optional>

#include "agent-desktop/core/sign_in.h"
#include "agent-desktop/headless/commander.h"
#include "agent-desktop/headless/demo_agent.h"
#include "agent-desktop/headless/reporter.h"
#include "agent-desktop/headless/unix_signals.h"

namespace {

using namespace parlor;
using namespace parlor::agent;

int complain(const Error& error) {
    std::fprintf(stderr, "parlor-agent-headless: %s\n", error.text.c_str());
    return 1;
}

int run(const Launch& launch, bool demo) {
    const auto identity = identityOf(launch.signIn);
    if (!identity) return complain(identity.error());
    if (const auto server = serverAddress(launch.signIn.server); !server) {
        return complain(server.error());
    }

    UnixSignals signals_;
    AgentClient client(*identity, makeBrokerBus(launch.signIn, *identity), launch.dataDirectory);
    Reporter reporter(client);
    Commander commander(client);
    std::optional<DemoAgent> demoAgent;
    if (demo) demoAgent.emplace(client);

    const auto quit = [] { QCoreApplication::exit(0); };
    QObject::connect(&signals_, &UnixSignals::terminate, &client, quit);
    QObject::connect(&commander, &Commander::quit, &client, quit);
    // A demo agent runs without anybody to command it.
    if (!demo) QObject::connect(&commander, &Commander::ended, &client, quit);
    QObject::connect(&client, &AgentClient::signInFailed, &client, [](const Error& error) {
        if (error.code == Errc::forbidden) QCoreApplication::exit(complain(error));
    });
    if (const auto started = client.signIn(); !started) return complain(started.error());
    const int result = QCoreApplication::exec();
    client.signOut();
    return result;
}

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    QCoreApplication::setOrganizationName("Parlor");
    QCoreApplication::setApplicationName("parlor-agent");
    QCommandLineParser parser;
    parser.setApplicationDescription("An agent of Parlor without a window.");
    parser.addOption({"demo", "Accept everybody who waits, and answer by script."});
    const auto launch = readLaunch(parser, QCoreApplication::arguments());
    if (!launch) return complain(launch.error());
    return run(*launch, parser.isSet("demo"));
}
