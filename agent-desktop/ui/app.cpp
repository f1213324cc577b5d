#include "agent-desktop/ui/app.h"

#include <QApplication>
#include <QDesktopServices>
#include <QStyleFactory>
#include <utility>

#include "agent-desktop/ui/link_finder.h"
#include "agent-desktop/ui/theme.h"

namespace parlor::agent {

App::App(Launch launch, QObject* parent) : QObject(parent), launch_(std::move(launch)) {}

App::~App() = default;

void App::dress() {
    QApplication::setStyle(QStyleFactory::create("Fusion"));
    const Theme theme = Theme::of(QApplication::palette());
    QApplication::setPalette(theme.palette());
    qApp->setStyleSheet(theme.styleSheet());
}

void App::start() {
    launch_.signIn =
        launch_.hasPassword ? launch_.signIn : SignInDialog::remembered(launch_.signIn);
    showSignIn(launch_.hasPassword);
}

void App::showSignIn(bool atOnce) {
    dialog_ = std::make_unique<SignInDialog>(
        launch_.signIn, [this](const SignIn& signIn, const Identity& identity) {
            return std::make_unique<AgentClient>(identity, makeBrokerBus(signIn, identity),
                                                 launch_.dataDirectory);
        });
    connect(dialog_.get(), &QDialog::accepted, this, [this] { showWindow(dialog_->takeClient()); });
    connect(dialog_.get(), &QDialog::rejected, qApp, &QApplication::quit);
    dialog_->show();
    if (atOnce) dialog_->submit();
}

void App::showWindow(std::unique_ptr<AgentClient> client) {
    dialog_.release()->deleteLater();  // it is the one who calls
    client_ = std::move(client);
    window_ = std::make_unique<MainWindow>(*client_);
    connect(window_.get(), &MainWindow::signOutRequested, this, &App::signOut);
    connect(window_.get(), &MainWindow::linkActivated, this, [](const QUrl& url) {
        // Checked where it is done, whoever asked: nothing but the web is ever opened.
        if (isWebAddress(url)) QDesktopServices::openUrl(url);
    });
    window_->show();
}

void App::signOut() {
    launch_.signIn = SignInDialog::remembered({});
    launch_.hasPassword = false;
    client_->signOut();
    window_->hide();
    window_.release()->deleteLater();
    // The window looks at its client until it is gone.
    client_.release()->deleteLater();
    showSignIn(false);
}

}  // namespace parlor::agent
