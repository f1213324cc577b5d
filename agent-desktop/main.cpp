// parlor-agent: the agents' desktop client.

#include <QApplication>
#include <cstdio>

#include "agent-desktop/core/sign_in.h"
#include "agent-desktop/ui/app.h"

int main(int argc, char** argv) {
    const QApplication application(argc, argv);
    QApplication::setOrganizationName("Parlor");
    QApplication::setApplicationName("parlor-agent");
    QApplication::setApplicationDisplayName("Parlor");
    QCommandLineParser parser;
    parser.setApplicationDescription("Parlor for agents: answer your site's visitors.");
    auto launch = parlor::agent::readLaunch(parser, QApplication::arguments());
    if (!launch) {
        std::fprintf(stderr, "parlor-agent: %s\n", launch.error().text.c_str());
        return 1;
    }
    parlor::agent::App::dress();
    parlor::agent::App app(std::move(*launch));
    app.start();
    return QApplication::exec();
}
