#pragma once

#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTimer>
#include <functional>
#include <memory>

#include "agent-desktop/core/agent_client.h"
#include "agent-desktop/core/sign_in.h"

namespace parlor::agent {

// Makes a client for checked data; not signed in yet.
using ClientFactory = std::function<std::unique_ptr<AgentClient>(const SignIn&, const Identity&)>;

// Asks who signs in where, and signs in. Accepted once the agent is signed in; then takeClient()
// has it. Remembers everything but the password.
class SignInDialog : public QDialog {
    Q_OBJECT

 public:
    SignInDialog(const SignIn& start, ClientFactory factory, QWidget* parent = nullptr);
    ~SignInDialog() override;

    // As if the person had pressed the button.
    void submit();
    std::unique_ptr<AgentClient> takeClient() { return std::move(client_); }

    // What was remembered, laid over `defaults` where the command line left those alone.
    static SignIn remembered(SignIn given);

 private:
    QLineEdit* addField(const QString& label, const QString& value, const QString& name);
    SignIn typed() const;
    static QString wrongField(const SignIn& signIn);  // empty: none is
    void connectClient();
    void fail(const QString& why);
    void setBusy(bool busy);
    void remember() const;

    const ClientFactory factory_;
    QLineEdit* server_ = nullptr;
    QLineEdit* site_ = nullptr;
    QLineEdit* agent_ = nullptr;
    QLineEdit* name_ = nullptr;
    QLineEdit* password_ = nullptr;
    QLabel* const error_;
    QPushButton* const button_;
    QTimer patience_;
    std::unique_ptr<AgentClient> client_;
};

}  // namespace parlor::agent
