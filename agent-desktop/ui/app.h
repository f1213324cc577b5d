#pragma once

#include <QObject>
#include <memory>

#include "agent-desktop/core/sign_in.h"
#include "agent-desktop/ui/main_window.h"
#include "agent-desktop/ui/sign_in_dialog.h"

namespace parlor::agent {

// The program's two scenes: signing in, and the window; back and forth until the person leaves.
class App : public QObject {
    Q_OBJECT

 public:
    explicit App(Launch launch, QObject* parent = nullptr);
    ~App() override;

    // Shows the first scene.
    void start();

    // Style, palette and style sheet, for the QApplication; light or dark as the desktop is.
    static void dress();

 private:
    void showSignIn(bool atOnce);
    void showWindow(std::unique_ptr<AgentClient> client);
    void signOut();

    Launch launch_;
    std::unique_ptr<SignInDialog> dialog_;
    std::unique_ptr<AgentClient> client_;
    std::unique_ptr<MainWindow> window_;  // after the client that it shows
};

}  // namespace parlor::agent
