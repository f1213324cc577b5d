#pragma once

#include <QCommandLineParser>
#include <QString>
#include <memory>
#include <optional>

#include "agent-desktop/core/identity.h"
#include "bus/bus.h"

namespace parlor::agent {

// What a person types to sign in, or gives on the command line.
struct SignIn {
    QString server = QStringLiteral("tcp://127.0.0.1:1883");
    QString site = QStringLiteral("demo");
    QString agent;
    QString name;  // empty: the agent's id
    QString password;
};

struct Launch {
    SignIn signIn;
    bool hasPassword = false;  // given by file or environment: sign in without asking
    QString dataDirectory;
};

// --server, --site, --agent, --name, --password-file, --data; the password may also stand in the
// environment's PARLOR_PASSWORD. `parser` may know further options. Ends the program for --help,
// --version and unknown options, as QCommandLineParser does. `unavailable`: the password file
// cannot be read.
Expected<Launch> readLaunch(QCommandLineParser& parser, const QStringList& arguments);

// "host", "host:port", "mqtt://…", "mqtts://…", "tcp://…" or "ssl://…" as the bus wants it.
// `malformed` for anything else.
Expected<std::string> serverAddress(const QString& text);

// `malformed` names the field that cannot be.
Expected<Identity> identityOf(const SignIn& signIn);

// A bus to a real broker with the agent's account and will; not started. Both arguments must have
// passed the checks above.
std::unique_ptr<bus::Bus> makeBrokerBus(const SignIn& signIn, const Identity& identity);

}  // namespace parlor::agent
