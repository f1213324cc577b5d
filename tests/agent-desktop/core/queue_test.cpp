#include <gmock/gmock.h>

#include "tests/agent-desktop/support/desk.h"

namespace parlor::agent {
namespace {

using test::Desk;
using test::settle;
using test::until;

class QueueTest : public testing::Test {
 protected:
    QueueTest() : client_(desk_.makeClient("alice", "Alice")) {}

    void signIn() {
        ASSERT_TRUE(client_->signIn());
        ASSERT_TRUE(
            until([&] { return client_->connection() == AgentClient::Connection::online; }));
    }
    std::vector<std::string> visitors() {
        std::vector<std::string> names;
        for (const auto& entry : client_->queue().entries()) {
            names.push_back(entry.state.visitor_name());
        }
        return names;
    }
    using Names = std::vector<std::string>;

    Desk desk_;
    std::unique_ptr<AgentClient> client_;
};

TEST_F(QueueTest, ShowsWhoWaitsTheLongestWaitFirst) {
    desk_.ledger.enqueue("Second", "hello", 2000);
    desk_.ledger.enqueue("First", "hi", 1000);
    signIn();
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 2; }));
    EXPECT_EQ(visitors(), (Names{"First", "Second"}));
    desk_.ledger.enqueue("Between", "", 1500);
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 3; }));
    EXPECT_EQ(visitors(), (Names{"First", "Between", "Second"}));

    const QModelIndex first = client_->queue().index(0);
    EXPECT_EQ(first.data(QueueModel::PreviewRole).toString(), "hi");
    EXPECT_EQ(first.data(QueueModel::DepartmentRole).toString(), "sales");
    EXPECT_EQ(first.data(QueueModel::WaitingSinceRole).toLongLong(), 1000);
}

TEST_F(QueueTest, WhoIsRaisedComesFirstAndWhoIsLoweredGoesBack) {
    desk_.ledger.enqueue("First", "hi", 1000);
    const auto second = desk_.ledger.enqueue("Second", "hello", 2000);
    desk_.ledger.enqueue("Third", "", 3000);
    signIn();
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 3; }));
    const QPersistentModelIndex followed = client_->queue().index(1);
    int added = 0;
    QObject::connect(&client_->queue(), &QueueModel::entryAdded, [&] { ++added; });
    client_->prioritize(second, 4);
    ASSERT_TRUE(until([&] { return visitors() == Names{"Second", "First", "Third"}; }));
    EXPECT_EQ(followed.row(), 0);
    EXPECT_EQ(followed.data(QueueModel::PriorityRole).toInt(), 4);
    EXPECT_EQ(desk_.ledger.drafts(second).back().prioritize().priority(), 4U);
    client_->prioritize(second, 0);
    ASSERT_TRUE(until([&] { return visitors() == Names{"First", "Second", "Third"}; }));
    EXPECT_EQ(followed.row(), 1);
    EXPECT_EQ(added, 0) << "nobody new waits";
}

TEST_F(QueueTest, ForgetsWhoWaitsNoMore) {
    const auto first = desk_.ledger.enqueue("First", "hi", 1000);
    desk_.ledger.enqueue("Second", "hello", 2000);
    signIn();
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 2; }));
    desk_.ledger.clearQueue(first);
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    EXPECT_EQ(visitors(), (Names{"Second"}));
}

TEST_F(QueueTest, AnAcceptedConversationBecomesOurs) {
    const auto id = desk_.ledger.enqueue("Wei", "在吗？");
    signIn();
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    int assigned = 0;
    QObject::connect(client_.get(), &AgentClient::assigned, [&] { ++assigned; });
    client_->accept(id);
    EXPECT_TRUE(client_->queue().index(0).data(QueueModel::AcceptingRole).toBool());

    ASSERT_TRUE(until([&] { return assigned == 1 && client_->queue().rowCount() == 0; }));
    auto* open = client_->conversations().find(id);
    ASSERT_NE(open, nullptr);
    ASSERT_TRUE(until([&] { return open->timeline().rowCount() == 3; }));
    EXPECT_EQ(test::lines(*open),
              (std::vector<std::string>{"opened", "visitor: 在吗？", "assigned: Alice"}));
    EXPECT_EQ(open->phase(), Conversation::Phase::held);
    EXPECT_EQ(open->visitorName(), "Wei");
    EXPECT_EQ(open->visitor().locale(), "zh-CN");
    EXPECT_EQ(open->department(), "sales");
    ASSERT_EQ(desk_.ledger.drafts(id).size(), 1U);
    EXPECT_TRUE(desk_.ledger.drafts(id)[0].has_accept());
}

TEST_F(QueueTest, WhoComesTooLateIsToldWhoHasIt) {
    const auto id = desk_.ledger.enqueue("Wei", "hi");
    signIn();
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    std::optional<Error> why;
    QObject::connect(client_.get(), &AgentClient::acceptFailed,
                     [&](const ConversationId&, const Error& error) { why = error; });
    // Bob has it, but the queue still shows it here.
    desk_.ledger.assign(id, "bob", "Bob");
    client_->accept(id);
    ASSERT_TRUE(until([&] { return why.has_value(); }));
    EXPECT_EQ(why->code, Errc::conflict);
    EXPECT_EQ(why->text, "Bob");
    EXPECT_EQ(client_->conversations().rowCount(), 0);
}

TEST_F(QueueTest, AnAcceptWithoutAnAnswerFailsAndCanBeTriedAgain) {
    const auto id = desk_.ledger.enqueue("Wei", "hi");
    signIn();
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    std::optional<Error> why;
    QObject::connect(client_.get(), &AgentClient::acceptFailed,
                     [&](const ConversationId&, const Error& error) { why = error; });
    desk_.ledger.setFaults({.deaf = true});
    client_->accept(id);
    ASSERT_TRUE(until([&] { return why.has_value(); }));
    EXPECT_EQ(why->code, Errc::deadline);
    EXPECT_FALSE(client_->queue().index(0).data(QueueModel::AcceptingRole).toBool());
    desk_.ledger.setFaults({});
    client_->accept(id);
    ASSERT_TRUE(until([&] { return client_->conversations().rowCount() == 1; }));
}

TEST_F(QueueTest, AcceptingWithoutAConnectionFailsAtOnce) {
    const auto id = desk_.ledger.enqueue("Wei", "hi");
    signIn();
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    desk_.broker.cutConnections();
    ASSERT_TRUE(
        until([&] { return client_->connection() == AgentClient::Connection::reconnecting; }));
    std::optional<Error> why;
    QObject::connect(client_.get(), &AgentClient::acceptFailed,
                     [&](const ConversationId&, const Error& error) { why = error; });
    client_->accept(id);
    ASSERT_TRUE(why.has_value());
    EXPECT_EQ(why->code, Errc::unavailable);
    desk_.broker.restoreConnections();
    ASSERT_TRUE(until([&] { return client_->connection() == AgentClient::Connection::online; }));
    settle();
    EXPECT_TRUE(desk_.ledger.drafts(id).empty()) << "nothing may be accepted behind one's back";
}

TEST_F(QueueTest, EntriesClearedWhileAwayAreGoneAfterTheReconnect) {
    const auto gone = desk_.ledger.enqueue("Gone", "hi", 1000);
    desk_.ledger.enqueue("Stays", "hi", 2000);
    signIn();
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 2; }));
    desk_.broker.cutConnections();
    ASSERT_TRUE(
        until([&] { return client_->connection() == AgentClient::Connection::reconnecting; }));
    // The ledger's clearing reaches the broker first thing after the cut.
    desk_.ledger.clearQueue(gone);
    desk_.broker.restoreConnections();
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    EXPECT_EQ(visitors(), (Names{"Stays"}));
    settle(std::chrono::milliseconds(200));
    EXPECT_EQ(visitors(), (Names{"Stays"}));
}

TEST_F(QueueTest, AReconnectTellsTheStatusAgain) {
    signIn();
    client_->setStatus(v1::AgentStatus::STATE_AWAY);
    ASSERT_TRUE(until([&] { return desk_.ledger.statuses().size() == 2; }));
    desk_.broker.cutConnections();
    desk_.broker.restoreConnections();
    ASSERT_TRUE(until([&] {
        const auto statuses = desk_.ledger.statuses();
        return statuses.size() >= 3 && statuses.back().state() == v1::AgentStatus::STATE_AWAY;
    }));
}

}  // namespace
}  // namespace parlor::agent
