#include "agent-desktop/ui/sign_in_dialog.h"

#include <gmock/gmock.h>

#include <QSettings>
#include <QTest>

#include "tests/agent-desktop/support/desk.h"
#include "tests/agent-desktop/support/refusing_bus.h"

namespace parlor::agent {
namespace {

using test::Desk;
using test::until;
using testing::HasSubstr;

class SignInDialogTest : public testing::Test {
 protected:
    SignInDialogTest() { QSettings().clear(); }
    ~SignInDialogTest() override { QSettings().clear(); }

    // `refusal`: what the broker would say; none: it lets everybody in.
    std::unique_ptr<SignInDialog> makeDialog(const SignIn& start,
                                             std::optional<Error> refusal = {}) {
        auto dialog = std::make_unique<SignInDialog>(
            start, [this, refusal](const SignIn& signIn, const Identity& identity) {
                used_ = signIn;
                if (!refusal) return desk_.makeClient(identity.agent.str(), identity.name);
                return std::make_unique<AgentClient>(
                    identity, std::make_unique<test::RefusingBus>(*refusal),
                    QString::fromStdString(desk_.directory.file("refused")), test::quickTiming());
            });
        dialog->show();
        return dialog;
    }
    static void type(SignInDialog& dialog, const QString& field, const QString& text) {
        auto* edit = dialog.findChild<QLineEdit*>(field);
        edit->selectAll();
        QTest::keyClicks(edit, text);
    }
    static void press(SignInDialog& dialog) {
        QTest::mouseClick(dialog.findChild<QPushButton*>("signInButton"), Qt::LeftButton);
    }
    static std::string error(SignInDialog& dialog) {
        const auto* label = dialog.findChild<QLabel*>("error");
        return label->isVisible() ? label->text().toStdString() : "";
    }

    Desk desk_;
    SignIn used_;
};

TEST_F(SignInDialogTest, SignsInAndRemembersAllButThePassword) {
    auto dialog = makeDialog({});
    type(*dialog, "agent", "alice");
    type(*dialog, "password", "secret");
    type(*dialog, "name", "Alice");
    press(*dialog);
    ASSERT_TRUE(until([&] { return dialog->result() == QDialog::Accepted; }));
    const auto client = dialog->takeClient();
    ASSERT_NE(client, nullptr);
    EXPECT_EQ(client->connection(), AgentClient::Connection::online);
    EXPECT_EQ(used_.password, "secret");

    const SignIn remembered = SignInDialog::remembered({});
    EXPECT_EQ(remembered.agent, "alice");
    EXPECT_EQ(remembered.name, "Alice");
    EXPECT_EQ(remembered.password, "");
    QSettings settings;
    for (const QString& key : settings.allKeys()) {
        EXPECT_FALSE(settings.value(key).toString().contains("secret")) << key.toStdString();
    }
}

TEST_F(SignInDialogTest, TheCommandLineGoesBeforeMemory) {
    QSettings().setValue("signIn/agent", "alice");
    QSettings().setValue("signIn/name", "Alice");
    QSettings().setValue("signIn/site", "shop");
    SignIn given;
    given.agent = "bob";
    const SignIn start = SignInDialog::remembered(given);
    EXPECT_EQ(start.agent, "bob");
    EXPECT_EQ(start.name, "") << "Bob is not Alice";
    EXPECT_EQ(start.site, "shop");
}

TEST_F(SignInDialogTest, SaysThatThePasswordIsWrong) {
    SignIn start;
    start.agent = "alice";
    auto dialog = makeDialog(start, Error{Errc::forbidden, "not authorized"});
    type(*dialog, "password", "wrong");
    press(*dialog);
    ASSERT_TRUE(until([&] { return !error(*dialog).empty(); }));
    EXPECT_THAT(error(*dialog), HasSubstr("password is wrong"));
    EXPECT_TRUE(dialog->findChild<QPushButton*>("signInButton")->isEnabled()) << "try again";
}

TEST_F(SignInDialogTest, SaysThatNobodyIsAtThatAddress) {
    SignIn start;
    start.agent = "alice";
    start.server = "tcp://127.0.0.1:9";
    auto dialog = makeDialog(start, Error{Errc::unavailable, "connection refused"});
    press(*dialog);
    ASSERT_TRUE(until([&] { return !error(*dialog).empty(); }));
    EXPECT_THAT(error(*dialog), HasSubstr("no broker at tcp://127.0.0.1:9"));
}

TEST_F(SignInDialogTest, SaysWhichFieldCannotBe) {
    auto dialog = makeDialog({});
    press(*dialog);
    EXPECT_THAT(error(*dialog), HasSubstr("type the agent"));
    type(*dialog, "agent", "Alice Smith");
    press(*dialog);
    EXPECT_THAT(error(*dialog), HasSubstr("small letters"));
    type(*dialog, "agent", "alice");
    type(*dialog, "server", "http://example.com");
    press(*dialog);
    EXPECT_THAT(error(*dialog), HasSubstr("broker's address"));
}

}  // namespace
}  // namespace parlor::agent
