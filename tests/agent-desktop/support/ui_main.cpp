// main() for tests that need windows; without a display unless one is asked for.

#include <gmock/gmock.h>

#include <QApplication>
#include <QStandardPaths>

#include "agent-desktop/ui/app.h"

int main(int argc, char** argv) {
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    QStandardPaths::setTestModeEnabled(true);
    QApplication::setOrganizationName("Parlor tests");
    QApplication::setApplicationName("agent-ui-test");
    parlor::agent::App::dress();
    testing::InitGoogleMock(&argc, argv);
    return RUN_ALL_TESTS();
}
