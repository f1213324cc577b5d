#include "agent-desktop/core/sign_in.h"

#include <QFile>
#include <QStandardPaths>
#include <QUrl>

#include "agent-desktop/core/actions/set_status.h"
#include "bus/mqtt_bus.h"
#include "proto/codec.h"

namespace parlor::agent {
namespace {

constexpr int kPort = 1883;
constexpr int kTlsPort = 8883;

Expected<QString> readPassword(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return Error{Errc::unavailable,
                     ("cannot read " + path + ": " + file.errorString()).toStdString()};
    }
    QByteArray line = file.readLine();
    while (line.endsWith('\n') || line.endsWith('\r')) line.chop(1);
    return QString::fromUtf8(line);
}

}  // namespace

Expected<Launch> readLaunch(QCommandLineParser& parser, const QStringList& arguments) {
    const SignIn defaults;
    parser.addHelpOption();
    parser.addOptions({
        {"server", "The broker: tcp://host:port or ssl://host:port.", "address", defaults.server},
        {"site", "The site whose visitors to serve.", "site", defaults.site},
        {"agent", "The account to sign in with.", "id"},
        {"name", "The name that visitors see (default: the account's).", "name"},
        {"password-file", "Signs in at once, with the password in this file's first line.", "file"},
        {"data", "Where unsent messages are kept.", "folder",
         QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)},
    });
    parser.process(arguments);

    Launch launch;
    launch.signIn = {parser.value("server"), parser.value("site"), parser.value("agent"),
                     parser.value("name"), qEnvironmentVariable("PARLOR_PASSWORD")};
    launch.hasPassword = qEnvironmentVariableIsSet("PARLOR_PASSWORD");
    launch.dataDirectory = parser.value("data");
    if (parser.isSet("password-file")) {
        auto password = readPassword(parser.value("password-file"));
        if (!password) return password.error();
        launch.signIn.password = *password;
        launch.hasPassword = true;
    }
    return launch;
}

Expected<std::string> serverAddress(const QString& text) {
    const QString trimmed = text.trimmed();
    const QUrl url(trimmed.contains("://") ? trimmed : "tcp://" + trimmed, QUrl::StrictMode);
    const QString scheme = url.scheme();
    const bool tls = scheme == "ssl" || scheme == "mqtts";
    const bool plain = scheme == "tcp" || scheme == "mqtt";
    const bool bare = url.path().isEmpty() || url.path() == "/";
    if (!url.isValid() || url.host().isEmpty() || (!tls && !plain) || !bare || url.hasQuery() ||
        !url.userInfo().isEmpty()) {
        return Error{Errc::malformed, "server: must be like tcp://host:1883 or ssl://host:8883"};
    }
    QUrl address;
    address.setScheme(tls ? "ssl" : "tcp");
    address.setHost(url.host());
    address.setPort(url.port(tls ? kTlsPort : kPort));
    return address.toString().toStdString();
}

Expected<Identity> identityOf(const SignIn& signIn) {
    auto site = SiteId::parse(signIn.site.trimmed().toStdString());
    if (!site) return site.error();
    auto agent = AgentId::parse(signIn.agent.trimmed().toStdString());
    if (!agent) return agent.error();
    std::string name = signIn.name.trimmed().toUtf8().toStdString();
    if (name.empty()) name = agent->str();
    if (auto valid = validateText(name, kMaxNameBytes, "name"); !valid) return valid.error();
    return Identity{*site, *agent, name};
}

std::unique_ptr<bus::Bus> makeBrokerBus(const SignIn& signIn, const Identity& identity) {
    bus::MqttOptions options;
    options.servers = {*serverAddress(signIn.server)};
    options.clientId = "agent-" + identity.client.str();
    options.username = identity.agent.str();
    options.password = signIn.password.toStdString();
    options.will = offlineWill(identity);
    return bus::makePahoBus(std::move(options));
}

}  // namespace parlor::agent
