#include "agent-desktop/ui/sign_in_dialog.h"

#include <QSettings>
#include <QVBoxLayout>
#include <chrono>
#include <utility>

#include "agent-desktop/ui/wording.h"

namespace parlor::agent {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr auto kGroup = "signIn/";

}  // namespace

SignInDialog::SignInDialog(const SignIn& start, ClientFactory factory, QWidget* parent)
    : QDialog(parent),
      factory_(std::move(factory)),
      error_(new QLabel(this)),
      button_(new QPushButton(tr("Sign in"), this)) {
    setWindowTitle(tr("Sign in – Parlor"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(32, 28, 32, 28);
    column->setSpacing(4);
    auto* title = new QLabel(tr("Sign in to Parlor"), this);
    title->setProperty("role", "title");
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.5);
    title->setFont(large);
    column->addWidget(title);
    agent_ = addField(tr("Agent"), start.agent, "agent");
    password_ = addField(tr("Password"), start.password, "password");
    password_->setEchoMode(QLineEdit::Password);
    name_ = addField(tr("Name that visitors see"), start.name, "name");
    name_->setPlaceholderText(tr("as the agent"));
    site_ = addField(tr("Site"), start.site, "site");
    server_ = addField(tr("Broker"), start.server, "server");
    error_->setObjectName("error");
    error_->setProperty("role", "error");
    error_->setTextFormat(Qt::PlainText);
    error_->setWordWrap(true);
    error_->hide();
    button_->setObjectName("signInButton");
    button_->setProperty("role", "primary");
    button_->setDefault(true);
    column->addSpacing(12);
    column->addWidget(error_);
    column->addSpacing(8);
    column->addWidget(button_);
    setMinimumWidth(380);

    patience_.setSingleShot(true);
    connect(&patience_, &QTimer::timeout, this,
            [this] { fail(tr("%1 does not answer.").arg(server_->text().trimmed())); });
    connect(button_, &QPushButton::clicked, this, &SignInDialog::submit);
    (start.agent.isEmpty() ? agent_ : password_)->setFocus();
}

SignInDialog::~SignInDialog() = default;

QLineEdit* SignInDialog::addField(const QString& label, const QString& value, const QString& name) {
    auto* column = static_cast<QVBoxLayout*>(layout());
    auto* caption = new QLabel(label, this);
    caption->setProperty("role", "muted");
    auto* field = new QLineEdit(value, this);
    field->setObjectName(name);
    caption->setBuddy(field);
    column->addSpacing(8);
    column->addWidget(caption);
    column->addWidget(field);
    return field;
}

SignIn SignInDialog::typed() const {
    return {server_->text(), site_->text(), agent_->text(), name_->text(), password_->text()};
}

QString SignInDialog::wrongField(const SignIn& signIn) {
    if (signIn.agent.trimmed().isEmpty()) return tr("Please type the agent to sign in as.");
    if (!AgentId::parse(signIn.agent.trimmed().toStdString())) {
        return tr("An agent's account has small letters, digits and . _ - only.");
    }
    if (!SiteId::parse(signIn.site.trimmed().toStdString())) {
        return tr("A site's name has small letters, digits and - only.");
    }
    if (!serverAddress(signIn.server)) {
        return tr("The broker's address must be like tcp://host:1883 or ssl://host:8883.");
    }
    return {};
}

void SignInDialog::submit() {
    if (client_) return;
    const SignIn signIn = typed();
    if (const QString wrong = wrongField(signIn); !wrong.isEmpty()) return fail(wrong);
    const auto identity = identityOf(signIn);
    if (!identity) return fail(QString::fromStdString(identity.error().text));
    error_->hide();
    client_ = factory_(signIn, *identity);
    connectClient();
    setBusy(true);
    patience_.start(kPatience);
    if (const auto started = client_->signIn(); !started) {
        fail(QString::fromStdString(started.error().text));
    }
}

void SignInDialog::connectClient() {
    connect(client_.get(), &AgentClient::signedIn, this, [this] {
        patience_.stop();
        client_->disconnect(this);
        remember();
        accept();
    });
    connect(client_.get(), &AgentClient::signInFailed, this, [this](const Error& error) {
        fail(Wording::signInError(error, server_->text().trimmed()));
    });
    connect(client_.get(), &AgentClient::trouble, this,
            [this](const Error& error) { fail(QString::fromStdString(error.text)); });
}

void SignInDialog::fail(const QString& why) {
    patience_.stop();
    if (client_) {
        client_->disconnect(this);
        // It may be the one who calls.
        client_.release()->deleteLater();
    }
    setBusy(false);
    error_->setText(why);
    error_->show();
    adjustSize();
}

void SignInDialog::setBusy(bool busy) {
    for (auto* field : {server_, site_, agent_, name_, password_}) field->setEnabled(!busy);
    button_->setEnabled(!busy);
    button_->setText(busy ? tr("Signing in …") : tr("Sign in"));
    if (!busy) (agent_->text().trimmed().isEmpty() ? agent_ : password_)->setFocus();
}

void SignInDialog::remember() const {
    const SignIn signIn = typed();
    QSettings settings;
    settings.setValue(QString(kGroup) + "server", signIn.server);
    settings.setValue(QString(kGroup) + "site", signIn.site);
    settings.setValue(QString(kGroup) + "agent", signIn.agent);
    settings.setValue(QString(kGroup) + "name", signIn.name);
}

SignIn SignInDialog::remembered(SignIn given) {
    const QSettings settings;
    const SignIn defaults;
    const auto recall = [&](QString& field, const QString& byDefault, const char* name) {
        if (field == byDefault) field = settings.value(QString(kGroup) + name, field).toString();
    };
    // A name belongs to its agent: another agent on the command line does not inherit it.
    const bool sameAgent = given.agent.isEmpty() ||
                           given.agent == settings.value(QString(kGroup) + "agent").toString();
    recall(given.server, defaults.server, "server");
    recall(given.site, defaults.site, "site");
    recall(given.agent, defaults.agent, "agent");
    if (sameAgent) recall(given.name, defaults.name, "name");
    return given;
}

}  // namespace parlor::agent
