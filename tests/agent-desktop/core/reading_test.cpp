#include <gmock/gmock.h>

#include "tests/agent-desktop/support/desk.h"

namespace parlor::agent {
namespace {

using test::Desk;
using test::lastLine;
using test::lines;
using test::settle;
using test::until;
using Lines = std::vector<std::string>;

class ReadingTest : public testing::Test {
 protected:
    void SetUp() override {
        id_ = desk_.ledger.enqueue("Wei", "hi");
        desk_.ledger.assign(id_, "alice", "Alice");
        client_ = desk_.makeClient("alice", "Alice");
        ASSERT_TRUE(client_->signIn());
        ASSERT_TRUE(until([&] { return open() && open()->isComplete() && open()->isHeld(); }));
    }
    Conversation* open() { return client_->conversations().find(id_); }

    Desk desk_;
    ConversationId id_;
    std::unique_ptr<AgentClient> client_;
    const Lines start_{"opened", "visitor: hi", "assigned: Alice"};
};

TEST_F(ReadingTest, ShowsEachEventOnceHoweverOftenItComes) {
    desk_.ledger.says(id_, "one");
    for (const std::uint64_t seq : {4U, 2U, 4U, 1U}) desk_.ledger.publishAgain(id_, seq);
    desk_.ledger.says(id_, "two");
    ASSERT_TRUE(until([&] { return lastLine(*open()) == "visitor: two"; }));
    EXPECT_EQ(lines(*open()),
              (Lines{"opened", "visitor: hi", "assigned: Alice", "visitor: one", "visitor: two"}));
}

TEST_F(ReadingTest, AGapIsFilledFromHistory) {
    const int asked = desk_.ledger.histories();
    desk_.ledger.setFaults({.withholdEvents = true});
    desk_.ledger.says(id_, "lost");
    desk_.ledger.setFaults({});
    desk_.ledger.says(id_, "came");
    ASSERT_TRUE(until([&] { return lastLine(*open()) == "visitor: came"; }));
    EXPECT_EQ(lines(*open()), (Lines{"opened", "visitor: hi", "assigned: Alice", "visitor: lost",
                                     "visitor: came"}));
    EXPECT_EQ(desk_.ledger.histories(), asked + 1);
    EXPECT_TRUE(until([&] { return open()->isComplete(); }));
}

TEST_F(ReadingTest, AGapThatClosesByItselfAsksNobody) {
    const int asked = desk_.ledger.histories();
    desk_.ledger.setFaults({.withholdEvents = true});
    desk_.ledger.says(id_, "first");
    desk_.ledger.says(id_, "second");
    desk_.ledger.publishAgain(id_, 5);
    desk_.ledger.publishAgain(id_, 4);
    ASSERT_TRUE(until([&] { return lines(*open()).size() == 5; }));
    EXPECT_EQ(lastLine(*open()), "visitor: second");
    settle();
    EXPECT_EQ(desk_.ledger.histories(), asked);
}

TEST_F(ReadingTest, SaysThatSomethingIsMissingWhileHistoryIsAway) {
    desk_.ledger.setFaults({.withholdEvents = true, .noHistory = true});
    desk_.ledger.says(id_, "lost");
    desk_.ledger.says(id_, "came");
    desk_.ledger.publishAgain(id_, 5);
    ASSERT_TRUE(until([&] { return open()->problem() != nullptr; }));
    EXPECT_FALSE(open()->isComplete());
    EXPECT_EQ(open()->problem()->code, Errc::deadline);
    EXPECT_EQ(lines(*open()), start_) << "never with a hole";
    desk_.ledger.setFaults({});
    ASSERT_TRUE(until([&] { return open()->isComplete(); }));
    EXPECT_EQ(open()->problem(), nullptr);
    EXPECT_EQ(lastLine(*open()), "visitor: came");
}

TEST_F(ReadingTest, WhatWasSaidWhileAwayComesAfterTheReconnect) {
    desk_.broker.cutConnections();
    ASSERT_TRUE(
        until([&] { return client_->connection() == AgentClient::Connection::reconnecting; }));
    desk_.ledger.setFaults({.withholdEvents = true});
    desk_.ledger.says(id_, "one");
    desk_.ledger.says(id_, "two");
    desk_.ledger.setFaults({});
    desk_.broker.restoreConnections();
    // The broker knows nothing of it: only asking helps.
    ASSERT_TRUE(until([&] { return lines(*open()).size() == 5; }));
    EXPECT_EQ(lastLine(*open()), "visitor: two");
    desk_.ledger.says(id_, "three");
    ASSERT_TRUE(until([&] { return lastLine(*open()) == "visitor: three"; }));
}

TEST_F(ReadingTest, SurvivesABrokerThatForgetsItsRetainedState) {
    desk_.broker.cutConnections();
    desk_.broker.dropRetained();
    desk_.broker.restoreConnections();
    desk_.ledger.says(id_, "still here");
    ASSERT_TRUE(until([&] { return lastLine(*open()) == "visitor: still here"; }));
}

TEST_F(ReadingTest, LongHistoriesCompletePageByPage) {
    desk_.ledger.setFaults({.withholdEvents = true});
    const int count = 2 * static_cast<int>(kMaxHistoryEvents) + 7;
    for (int i = 0; i < count; ++i) desk_.ledger.says(id_, std::to_string(i));
    desk_.ledger.setFaults({});
    desk_.ledger.says(id_, "end");
    ASSERT_TRUE(until([&] { return lastLine(*open()) == "visitor: end"; }));
    EXPECT_EQ(lines(*open()).size(), start_.size() + static_cast<std::size_t>(count) + 1);
}

TEST_F(ReadingTest, StartsOverAfterARestoredBackup) {
    desk_.ledger.says(id_, "will be lost");
    ASSERT_TRUE(until([&] { return lines(*open()).size() == 4; }));
    desk_.ledger.restore(id_, 3);
    desk_.ledger.says(id_, "new world");
    ASSERT_TRUE(until([&] { return lastLine(*open()) == "visitor: new world"; }));
    EXPECT_EQ(lines(*open()),
              (Lines{"opened", "visitor: hi", "assigned: Alice", "visitor: new world"}));
}

TEST_F(ReadingTest, AnOldEventOfAnotherEpochChangesNothing) {
    v1::Event stale;
    stale.set_conversation(id_.str());
    stale.set_stream(v1::STREAM_SHARED);
    stale.set_epoch(9);
    stale.set_seq(4);
    stale.mutable_message()->set_text("from another world");
    desk_.ledger.publishShared(id_, stale);
    desk_.ledger.says(id_, "of this one");
    ASSERT_TRUE(until([&] { return lastLine(*open()) == "visitor: of this one"; }));
    EXPECT_EQ(lines(*open()).size(), 4U);
}

TEST_F(ReadingTest, TypingAndItsPreviewComeAndFade) {
    desk_.ledger.visitorLive(id_, true, "I wan");
    ASSERT_TRUE(until([&] { return open()->isVisitorTyping(); }));
    EXPECT_EQ(open()->typingPreview(), "I wan");
    ASSERT_TRUE(until([&] { return !open()->isVisitorTyping(); })) << "fades by itself";
    desk_.ledger.visitorLive(id_, true, "");
    ASSERT_TRUE(until([&] { return open()->isVisitorTyping(); }));
    desk_.ledger.says(id_, "I want this");
    ASSERT_TRUE(until([&] { return lastLine(*open()) == "visitor: I want this"; }));
    EXPECT_FALSE(open()->isVisitorTyping()) << "what was typed has been said";
}

TEST_F(ReadingTest, PresenceIsALease) {
    EXPECT_EQ(open()->presence(), Conversation::Presence::unknown);
    desk_.ledger.visitorPresence(id_, v1::Presence::STATE_HERE, std::chrono::seconds(1));
    ASSERT_TRUE(until([&] { return open()->presence() == Conversation::Presence::here; }));
    EXPECT_EQ(open()->place().page_title(), "Checkout");
    ASSERT_TRUE(until([&] { return open()->presence() == Conversation::Presence::unknown; }))
        << "nobody renewed it";
    desk_.ledger.visitorPresence(id_, v1::Presence::STATE_AWAY, std::chrono::seconds(90));
    ASSERT_TRUE(until([&] { return open()->presence() == Conversation::Presence::away; }));
}

TEST_F(ReadingTest, PresenceThatIsClearedIsForgotten) {
    desk_.ledger.visitorPresence(id_, v1::Presence::STATE_HERE, std::chrono::seconds(90));
    ASSERT_TRUE(until([&] { return open()->presence() == Conversation::Presence::here; }));
    desk_.ledger.clearPresence(id_);
    ASSERT_TRUE(until([&] { return open()->presence() == Conversation::Presence::unknown; }));
    EXPECT_EQ(open()->place().page_title(), "");
}

TEST_F(ReadingTest, ATransferTakesItOutOfOurHands) {
    desk_.ledger.assign(id_, "bob", "Bob");
    ASSERT_TRUE(until([&] { return open()->phase() == Conversation::Phase::released; }));
    ASSERT_TRUE(until([&] { return open()->holder() == "Bob"; }));
}

TEST_F(ReadingTest, AnAssignmentClearedWhileAwayIsNoticed) {
    desk_.broker.cutConnections();
    ASSERT_TRUE(
        until([&] { return client_->connection() == AgentClient::Connection::reconnecting; }));
    desk_.ledger.assign(id_, "bob", "Bob");
    desk_.broker.restoreConnections();
    ASSERT_TRUE(until([&] { return open()->phase() == Conversation::Phase::released; }));
}

TEST_F(ReadingTest, TheVisitorsClosingClosesIt) {
    desk_.ledger.hangsUp(id_, "");
    ASSERT_TRUE(until([&] { return open()->phase() == Conversation::Phase::closed; }));
    EXPECT_EQ(lastLine(*open()), "closed");
}

TEST_F(ReadingTest, GarbageIsIgnored) {
    auto stranger = desk_.broker.makeClient("stranger");
    stranger->start({});
    const SiteId site = *SiteId::parse("demo");
    for (const topics::Topic& topic : std::vector<topics::Topic>{
             topics::SharedLog{site, id_}, topics::StaffLog{site, id_}, topics::LiveIn{site, id_},
             topics::PresenceIn{site, id_}, topics::Department{site, *DepartmentId::parse("x")},
             topics::Queue{site, *DepartmentId::parse("x"), ConversationId::generate()},
             topics::AssignedTo{site, *AgentId::parse("alice"), ConversationId::generate()},
             topics::Reply{site, *CallerId::parse("alice"), client_->identity().client}}) {
        bus::Message message;
        message.topic = topics::format(topic);
        message.payload = "\xff\xfe garbage";
        message.correlationData = "1";
        stranger->publish(message, nullptr, bus::Clock::now() + std::chrono::seconds(5));
    }
    desk_.broker.drain();
    desk_.ledger.says(id_, "after");
    ASSERT_TRUE(until([&] { return lastLine(*open()) == "visitor: after"; }));
    EXPECT_EQ(client_->queue().rowCount(), 0);
    EXPECT_EQ(client_->conversations().rowCount(), 1);
    stranger->stop(bus::Clock::now() + std::chrono::seconds(1));
}

}  // namespace
}  // namespace parlor::agent
