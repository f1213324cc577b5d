#include "agent-desktop/core/sign_in.h"

#include <gmock/gmock.h>

#include "tests/agent-desktop/support/desk.h"
#include "tests/agent-desktop/support/refusing_bus.h"

namespace parlor::agent {
namespace {

using test::Desk;
using test::settle;
using test::until;
using testing::HasSubstr;

TEST(ServerAddress, TakesWhatPeopleWrite) {
    EXPECT_EQ(*serverAddress("tcp://127.0.0.1:1883"), "tcp://127.0.0.1:1883");
    EXPECT_EQ(*serverAddress(" chat.example "), "tcp://chat.example:1883");
    EXPECT_EQ(*serverAddress("chat.example:2000"), "tcp://chat.example:2000");
    EXPECT_EQ(*serverAddress("mqtt://chat.example/"), "tcp://chat.example:1883");
    EXPECT_EQ(*serverAddress("mqtts://chat.example"), "ssl://chat.example:8883");
    EXPECT_EQ(*serverAddress("ssl://[::1]:9000"), "ssl://[::1]:9000");
}

TEST(ServerAddress, RefusesWhatIsNone) {
    for (const char* text : {"", "  ", "http://chat.example", "tcp://", "tcp://h:99999",
                             "tcp://user:secret@h", "tcp://h/path", "tcp://h?x=1", "a b"}) {
        EXPECT_FALSE(serverAddress(text)) << text;
    }
}

TEST(IdentityOf, NamesTheFieldThatCannotBe) {
    SignIn signIn;
    signIn.agent = "Alice Smith";
    EXPECT_THAT(identityOf(signIn).error().text, HasSubstr("agent"));
    signIn.agent = "gateway";
    EXPECT_FALSE(identityOf(signIn)) << "a part of Parlor speaks under this name";
    signIn.agent = "alice";
    signIn.site = "Demo!";
    EXPECT_THAT(identityOf(signIn).error().text, HasSubstr("site"));
}

TEST(IdentityOf, FallsBackToTheAccountForTheName) {
    SignIn signIn;
    signIn.agent = " alice ";
    EXPECT_EQ(identityOf(signIn)->name, "alice");
    signIn.name = QString::fromUtf8("爱丽丝");
    EXPECT_EQ(identityOf(signIn)->name, "爱丽丝");
}

TEST(AgentClientSignIn, TellsEverybodyThatTheAgentIsOnline) {
    Desk desk;
    auto client = desk.makeClient("alice", "Alice");
    bool signedIn = false;
    QObject::connect(client.get(), &AgentClient::signedIn, [&] { signedIn = true; });
    EXPECT_EQ(client->connection(), AgentClient::Connection::signedOut);
    ASSERT_TRUE(client->signIn());
    EXPECT_EQ(client->connection(), AgentClient::Connection::connecting);
    ASSERT_TRUE(until([&] { return signedIn; }));
    EXPECT_EQ(client->connection(), AgentClient::Connection::online);
    ASSERT_TRUE(until([&] { return !desk.ledger.statuses().empty(); }));
    const auto status = desk.ledger.statuses().back();
    EXPECT_EQ(status.state(), v1::AgentStatus::STATE_ONLINE);
    EXPECT_EQ(status.name(), "Alice");
    EXPECT_GT(status.capacity(), 0U);
    EXPECT_GT(status.since_ms(), 0);
}

TEST(AgentClientSignIn, SaysSoWhenTheAgentLeaves) {
    Desk desk;
    auto client = desk.makeClient("alice", "Alice");
    ASSERT_TRUE(client->signIn());
    ASSERT_TRUE(until([&] { return desk.ledger.statuses().size() == 1; }));
    client->setStatus(v1::AgentStatus::STATE_BUSY);
    ASSERT_TRUE(until([&] { return desk.ledger.statuses().size() == 2; }));
    EXPECT_EQ(desk.ledger.statuses().back().state(), v1::AgentStatus::STATE_BUSY);
    client->signOut();
    ASSERT_TRUE(until([&] { return desk.ledger.statuses().size() == 3; }));
    EXPECT_EQ(desk.ledger.statuses().back().state(), v1::AgentStatus::STATE_OFFLINE);
    EXPECT_EQ(client->connection(), AgentClient::Connection::signedOut);
}

// Nobody tells of an agent whose program died together with the broker but the end of the lease.
TEST(AgentClientSignIn, TheStatusIsALeaseThatIsRenewedWhileConnected) {
    Desk desk;
    auto timing = test::quickTiming();
    timing.statusRepeat = std::chrono::milliseconds(20);
    auto client = desk.makeClient("alice", "Alice", timing);
    ASSERT_TRUE(client->signIn());
    ASSERT_TRUE(until([&] { return desk.ledger.statuses().size() > 3; }));
    const auto all = desk.ledger.statuses();
    EXPECT_EQ(all.back().state(), v1::AgentStatus::STATE_ONLINE);
    EXPECT_EQ(all.back().since_ms(), all.front().since_ms()) << "renewed, not begun";
    EXPECT_GT(desk.ledger.statusLease(), std::chrono::seconds(60));
    EXPECT_LE(desk.ledger.statusLease(), std::chrono::seconds(90));
    client->signOut();
    ASSERT_TRUE(until(
        [&] { return desk.ledger.statuses().back().state() == v1::AgentStatus::STATE_OFFLINE; }));
    EXPECT_EQ(desk.ledger.statusLease(), std::chrono::seconds(0)) << "that holds for good";
    const auto told = desk.ledger.statuses().size();
    test::settle();
    EXPECT_EQ(desk.ledger.statuses().size(), told);
}

TEST(AgentClientSignIn, ALateWillOfAnEarlierProgramDoesNotMakeTheAgentOffline) {
    Desk desk;
    auto client = desk.makeClient("alice", "Alice");
    ASSERT_TRUE(client->signIn());
    ASSERT_TRUE(until([&] { return desk.ledger.statuses().size() == 1; }));
    auto broker = desk.broker.makeClient("broker");
    broker->start({});
    broker->publish(offlineWill(client->identity()), nullptr,
                    bus::Clock::now() + std::chrono::seconds(5));
    ASSERT_TRUE(until([&] { return desk.ledger.statuses().size() == 3; }));
    EXPECT_EQ(desk.ledger.statuses().back().state(), v1::AgentStatus::STATE_ONLINE);
    broker->stop(bus::Clock::now() + std::chrono::seconds(1));
}

TEST(AgentClientSignIn, IsRefusedWhileAnotherProgramHoldsTheOutbox) {
    Desk desk;
    auto first = desk.makeClient("alice", "Alice");
    ASSERT_TRUE(first->signIn());
    auto second = desk.makeClient("alice", "Alice");
    const auto refused = second->signIn();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    first.reset();
    auto third = desk.makeClient("alice", "Alice");
    EXPECT_TRUE(third->signIn());
}

TEST(AgentClientSignIn, TellsWhyConnectingFailed) {
    test::TempDir directory;
    AgentClient client(
        test::identity("alice", "Alice"),
        std::make_unique<test::RefusingBus>(Error{Errc::forbidden, "not authorized"}),
        QString::fromStdString(directory.file("data")), test::quickTiming());
    std::optional<Error> why;
    QObject::connect(&client, &AgentClient::signInFailed, [&](const Error& error) { why = error; });
    ASSERT_TRUE(client.signIn());
    ASSERT_TRUE(until([&] { return why.has_value(); }));
    EXPECT_EQ(why->code, Errc::forbidden);
}

class RoleTest : public testing::Test {
 protected:
    void SetUp() override { desk_.ledger.setRole("alice", v1::ROLE_SUPERVISOR); }
    bool learns(bool isSupervisor) {
        return until([&] { return client_->isSupervisor() == isSupervisor; });
    }
    bool asks(int more) {
        const int before = desk_.ledger.directories();
        return until([&] { return desk_.ledger.directories() >= before + more; });
    }

    Desk desk_;
    std::unique_ptr<AgentClient> client_ = desk_.makeClient("alice", "Alice");
};

TEST_F(RoleTest, IsAskedForUntilItIsTold) {
    desk_.ledger.setFaults({.noDirectory = true});
    ASSERT_TRUE(client_->signIn());
    ASSERT_TRUE(asks(2));
    EXPECT_FALSE(client_->isSupervisor());
    desk_.ledger.setFaults({});
    EXPECT_TRUE(learns(true));
}

TEST_F(RoleTest, AdministratorsMayWhatSupervisorsMay) {
    desk_.ledger.setRole("alice", v1::ROLE_ADMIN);
    ASSERT_TRUE(client_->signIn());
    EXPECT_TRUE(learns(true));
}

TEST_F(RoleTest, WhoIsNotInTheDirectoryIsAnAgent) {
    auto bob = desk_.makeClient("bob", "Bob");
    ASSERT_TRUE(bob->signIn());
    ASSERT_TRUE(asks(1));
    settle();
    EXPECT_FALSE(bob->isSupervisor());
}

TEST_F(RoleTest, IsLostByWhoseAccountIsDisabled) {
    ASSERT_TRUE(client_->signIn());
    ASSERT_TRUE(learns(true));
    desk_.ledger.setFaults({.refusal = Error{Errc::forbidden, "your account is disabled"}});
    desk_.broker.cutConnections();
    desk_.broker.restoreConnections();
    EXPECT_TRUE(learns(false));
}

}  // namespace
}  // namespace parlor::agent
