// Who has a conversation, and what an agent can do about it.

#include <gmock/gmock.h>

#include "tests/agent-desktop/support/desk.h"

namespace parlor::agent {
namespace {

using test::Desk;
using test::lastLine;
using test::lines;
using test::until;
using testing::Contains;
using testing::IsEmpty;
using Lines = std::vector<std::string>;
using Phase = Conversation::Phase;

// Alice holds Wei's conversation.
class HandoverTest : public testing::Test {
 protected:
    void SetUp() override {
        id_ = desk_.ledger.enqueue("Wei", "hi");
        desk_.ledger.assign(id_, "alice", "Alice");
        client_ = desk_.makeClient("alice", "Alice");
        QObject::connect(client_.get(), &AgentClient::commandFailed,
                         [this](const OutboxItem& item) { failure_ = item.failure; });
        ASSERT_TRUE(client_->signIn());
        ASSERT_TRUE(until([&] { return open() && open()->isComplete() && open()->isHeld(); }));
    }
    Conversation* open() { return client_->conversations().find(id_); }
    bool comesTo(Phase phase) {
        return until([&] { return open()->phase() == phase; });
    }
    bool shows(const std::string& line) {
        return until([&] {
            const auto all = lines(*open());
            return std::find(all.begin(), all.end(), line) != all.end();
        });
    }

    Desk desk_;
    ConversationId id_;
    std::optional<Error> failure_;
    std::unique_ptr<AgentClient> client_;
};

TEST_F(HandoverTest, EachStepIsALine) {
    v1::Event event;
    event.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event.mutable_author()->set_id("bob");
    event.mutable_author()->set_name("Bob");
    const auto happens = [&](auto&& make) {
        v1::Event each = event;
        make(each);
        desk_.ledger.records(id_, each);
    };
    happens([](auto& each) { each.mutable_released()->set_reason("offline"); });
    happens([](auto& each) { each.mutable_queued()->set_reason("released"); });
    happens([](auto& each) { each.mutable_offered()->set_agent("bob"); });
    happens([](auto& each) { each.mutable_declined()->set_agent("bob"); });
    happens([](auto& each) { each.mutable_offered()->set_agent("alice"); });
    happens([](auto& each) {
        each.mutable_declined()->set_agent("alice");
        each.mutable_declined()->set_timed_out(true);
    });
    happens([](auto& each) { each.mutable_joined()->set_agent_name("Carol"); });
    happens([](auto& each) { each.mutable_left()->set_agent("carol"); });
    happens([](auto& each) { each.mutable_released()->set_agent("alice"); });
    happens([](auto& each) { each.mutable_transferred()->set_to_department("billing"); });
    happens([](auto& each) { each.mutable_transferred()->set_to_agent("carol"); });
    happens([](auto& each) { each.mutable_transferred()->set_to_agent("bob"); });
    happens([](auto& each) { each.mutable_reopened(); });
    happens([](auto& each) {
        each.mutable_queued()->set_priority(7);
        each.mutable_queued()->set_reason("prioritized");
    });
    ASSERT_TRUE(shows("reopened"));
    ASSERT_TRUE(shows("timed out: Alice"));
    ASSERT_TRUE(shows("prioritized: 7"));
    Lines all = lines(*open());
    all.erase(all.begin(), all.begin() + 3);
    // The staff's events stand behind the shared one that they followed.
    EXPECT_EQ(
        all, (Lines{"lost: ", "offered: bob", "declined: bob", "offered: Alice", "timed out: Alice",
                    "joined: Carol", "left: carol", "released: Alice", "transferred: billing",
                    "transferred: carol", "taken over: Bob", "reopened", "prioritized: 7"}));
}

TEST_F(HandoverTest, WhoIsQueuedHasNoHolder) {
    EXPECT_EQ(open()->holder(), "Alice");
    v1::Event queued;
    queued.mutable_queued()->set_department("billing");
    desk_.ledger.records(id_, queued);
    ASSERT_TRUE(until([&] { return open()->department() == "billing"; }));
    EXPECT_EQ(open()->holder(), "");
}

TEST_F(HandoverTest, AnOfferIsDeclined) {
    const auto waiting = desk_.ledger.enqueue("Mia", "hello");
    desk_.ledger.offer(waiting, "alice");
    const auto offeredTo = [&] {
        const auto* entry = client_->queue().find(waiting);
        return entry ? entry->state.offered_to() : "no entry";
    };
    ASSERT_TRUE(until([&] { return offeredTo() == "alice"; }));
    EXPECT_EQ(client_->conversations().rowCount(), 1) << "an offer is not ours yet";
    client_->decline(waiting);
    ASSERT_TRUE(until([&] { return offeredTo().empty(); }));
    EXPECT_TRUE(desk_.ledger.drafts(waiting).back().has_decline());
    EXPECT_FALSE(failure_);
}

TEST_F(HandoverTest, TransferredToAnAgentWithANote) {
    ASSERT_TRUE(client_->transfer(id_, *AgentId::parse("bob"), " knows French "));
    ASSERT_TRUE(comesTo(Phase::released));
    ASSERT_TRUE(shows("transferred: bob"));
    ASSERT_TRUE(shows("note: knows French"));
    const auto draft = desk_.ledger.drafts(id_).back().transfer();
    EXPECT_EQ(draft.agent(), "bob");
    EXPECT_EQ(draft.note(), "knows French");
}

TEST_F(HandoverTest, TransferredToADepartment) {
    ASSERT_TRUE(client_->transfer(id_, *DepartmentId::parse("billing"), ""));
    ASSERT_TRUE(comesTo(Phase::released));
    ASSERT_TRUE(shows("transferred: billing"));
    ASSERT_TRUE(until([&] { return client_->queue().find(id_) != nullptr; }));
    EXPECT_EQ(client_->queue().find(id_)->department.str(), "billing");
}

TEST_F(HandoverTest, ANoteThatIsTooLongIsNotSent) {
    const QString text(static_cast<qsizetype>(kMaxTextBytes) + 1, 'x');
    const auto sent = client_->transfer(id_, *AgentId::parse("bob"), text);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::tooLarge);
    EXPECT_THAT(desk_.ledger.drafts(id_), IsEmpty());
}

TEST_F(HandoverTest, GivenBackToTheQueue) {
    client_->leave(id_);
    ASSERT_TRUE(comesTo(Phase::released));
    ASSERT_TRUE(shows("released: Alice"));
    ASSERT_TRUE(until([&] { return client_->queue().find(id_) != nullptr; }));
}

TEST_F(HandoverTest, WhoJoinsTakesPartUntilItLeaves) {
    desk_.ledger.assign(id_, "bob", "Bob");
    ASSERT_TRUE(comesTo(Phase::released));
    client_->join(id_);
    ASSERT_TRUE(comesTo(Phase::joined));
    EXPECT_FALSE(open()->isHeld()) << "it is Bob's";
    EXPECT_FALSE(client_->dismiss(id_));
    ASSERT_TRUE(client_->send(id_, "may I?", Audience::everybody));
    ASSERT_TRUE(until([&] { return desk_.ledger.texts(id_).back() == "may I?"; }));
    client_->leave(id_);
    ASSERT_TRUE(comesTo(Phase::released));
    ASSERT_TRUE(shows("left: Alice"));
}

TEST_F(HandoverTest, WhatWasJoinedIsStillJoinedAfterAReconnect) {
    desk_.ledger.assign(id_, "bob", "Bob");
    ASSERT_TRUE(comesTo(Phase::released));
    client_->join(id_);
    ASSERT_TRUE(comesTo(Phase::joined));
    desk_.broker.cutConnections();
    ASSERT_TRUE(
        until([&] { return client_->connection() == AgentClient::Connection::reconnecting; }));
    desk_.broker.restoreConnections();
    ASSERT_TRUE(until([&] { return !open()->isStale() && open()->isComplete(); }));
    EXPECT_EQ(open()->phase(), Phase::joined);
}

TEST_F(HandoverTest, ASupervisorTakesOver) {
    desk_.ledger.assign(id_, "bob", "Bob");
    ASSERT_TRUE(comesTo(Phase::released));
    client_->takeOver(id_);
    ASSERT_TRUE(comesTo(Phase::held));
    ASSERT_TRUE(shows("taken over: Alice"));
}

TEST_F(HandoverTest, WhatIsRefusedIsTold) {
    desk_.ledger.setFaults({.refusal = Error{Errc::forbidden, "take_over: only for supervisors"}});
    client_->takeOver(id_);
    ASSERT_TRUE(until([&] { return failure_.has_value(); }));
    EXPECT_EQ(failure_->code, Errc::forbidden);
    EXPECT_EQ(open()->phase(), Phase::held);
}

TEST_F(HandoverTest, WhatNobodyAnswersFailsSoonAndIsNotDoneLater) {
    desk_.ledger.setFaults({.deaf = true});
    ASSERT_TRUE(client_->transfer(id_, *AgentId::parse("bob"), ""));
    ASSERT_TRUE(until([&] { return failure_.has_value(); }));
    EXPECT_EQ(failure_->code, Errc::deadline);
    const int posts = desk_.ledger.posts(id_);
    desk_.ledger.setFaults({});
    test::settle();
    EXPECT_EQ(desk_.ledger.posts(id_), posts);
    EXPECT_EQ(open()->phase(), Phase::held);
}

}  // namespace
}  // namespace parlor::agent
