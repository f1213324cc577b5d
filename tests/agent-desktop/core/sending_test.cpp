#include <gmock/gmock.h>

#include "tests/agent-desktop/support/desk.h"

namespace parlor::agent {
namespace {

using test::Desk;
using test::lastLine;
using test::lines;
using test::settle;
using test::until;
using Delivery = TimelineEntry::Delivery;
using Lines = std::vector<std::string>;

// Alice holds a conversation with Wei: "opened", "visitor: hi", "assigned: Alice".
class SendingTest : public testing::Test {
 protected:
    void SetUp() override {
        id_ = desk_.ledger.enqueue("Wei", "hi");
        desk_.ledger.assign(id_, "alice", "Alice");
        start();
    }
    void start() {
        client_ = desk_.makeClient("alice", "Alice");
        QObject::connect(client_.get(), &AgentClient::recorded,
                         [this](const OutboxItem& item, const v1::Recorded& place) {
                             if (item.isLasting()) recorded_.push_back(place.seq());
                         });
        QObject::connect(client_.get(), &AgentClient::failed,
                         [this](const OutboxItem& item) { failures_.push_back(*item.failure); });
        ASSERT_TRUE(client_->signIn());
        ASSERT_TRUE(until([&] { return open() && open()->isComplete() && open()->isHeld(); }));
    }
    Conversation* open() { return client_->conversations().find(id_); }
    const TimelineEntry& last() { return open()->timeline().entries().back(); }
    RequestId say(const QString& text) { return *client_->send(id_, text, Audience::everybody); }
    // How often a text was posted, repeats included.
    std::ptrdiff_t postedTimes(const std::string& text) {
        const auto drafts = desk_.ledger.drafts(id_);
        return std::count_if(drafts.begin(), drafts.end(), [&](const v1::Draft& draft) {
            return draft.message().text() == text;
        });
    }

    Desk desk_;
    ConversationId id_;
    std::unique_ptr<AgentClient> client_;
    std::vector<std::uint64_t> recorded_;
    std::vector<Error> failures_;
};

TEST_F(SendingTest, AMessageIsShownAtOnceAndThenConfirmed) {
    say("hello");
    EXPECT_EQ(lastLine(*open()), "me: hello");
    EXPECT_EQ(last().delivery, Delivery::sending);
    ASSERT_TRUE(until([&] { return !recorded_.empty() && last().seq == 4; }));
    EXPECT_EQ(recorded_, (std::vector<std::uint64_t>{4}));
    EXPECT_EQ(last().delivery, Delivery::recorded);
    EXPECT_EQ(lines(*open()), (Lines{"opened", "visitor: hi", "assigned: Alice", "me: hello"}));
    settle();
    EXPECT_EQ(postedTimes("hello"), 1);
}

TEST_F(SendingTest, MessagesKeepTheirOrderAndOnePostIsUnderWay) {
    Lines expected{"hi"};
    for (int i = 0; i < 200; ++i) {
        say(QString::number(i));
        expected.push_back(std::to_string(i));
    }
    ASSERT_TRUE(until([&] { return recorded_.size() == 200; }));
    EXPECT_EQ(desk_.ledger.texts(id_), expected);
    // While the first is under way the others gather; a post carries at most 64.
    EXPECT_GE(desk_.ledger.posts(id_), 1 + 199 / 64);
    EXPECT_LE(desk_.ledger.posts(id_), 10);
}

TEST_F(SendingTest, TextIsTrimmedAndEmptyOrTooLongIsRefused) {
    say("  padded \n");
    EXPECT_EQ(lastLine(*open()), "me: padded");
    const auto empty = client_->send(id_, " \n\t ", Audience::everybody);
    EXPECT_EQ(empty.error().code, Errc::malformed);
    // 8 KiB are of bytes, not of characters.
    const QString fits(static_cast<qsizetype>(kMaxTextBytes) / 3, QChar(0x4f60));
    EXPECT_TRUE(client_->send(id_, fits, Audience::everybody));
    const auto tooLong = client_->send(id_, fits + "abc", Audience::everybody);
    EXPECT_EQ(tooLong.error().code, Errc::tooLarge);
}

TEST_F(SendingTest, WithoutAReceiptItIsPostedAgainUnderTheSameId) {
    desk_.ledger.setFaults({.deaf = true});
    const RequestId request = say("again");
    ASSERT_TRUE(until([&] { return postedTimes("again") >= 2; }));
    EXPECT_EQ(last().delivery, Delivery::sending);
    desk_.ledger.setFaults({});
    ASSERT_TRUE(until([&] { return last().seq != 0; }));
    EXPECT_EQ(last().delivery, Delivery::recorded);
    for (const auto& draft : desk_.ledger.drafts(id_)) {
        if (draft.has_message()) {
            EXPECT_EQ(draft.request_id(), request.str());
        }
    }
    EXPECT_EQ(desk_.ledger.texts(id_), (Lines{"hi", "again"}));
}

TEST_F(SendingTest, ALostReceiptDoesNotDoubleTheMessage) {
    desk_.ledger.setFaults({.mute = true});  // recorded, but neither receipt nor event come through
    say("once");
    ASSERT_TRUE(until([&] { return postedTimes("once") >= 1; }));
    desk_.ledger.setFaults({});
    ASSERT_TRUE(until([&] { return last().seq != 0; }));
    settle();
    EXPECT_EQ(lines(*open()), (Lines{"opened", "visitor: hi", "assigned: Alice", "me: once"}));
    EXPECT_EQ(desk_.ledger.texts(id_), (Lines{"hi", "once"}));
}

TEST_F(SendingTest, TheEventAloneConfirms) {
    desk_.ledger.setFaults({.deaf = true});
    const RequestId request = say("seen");
    ASSERT_TRUE(until([&] { return postedTimes("seen") >= 1; }));
    v1::Event event;
    event.set_conversation(id_.str());
    event.set_stream(v1::STREAM_SHARED);
    event.set_epoch(1);
    event.set_seq(4);
    event.set_request_id(request.str());
    event.mutable_author()->set_kind(v1::Party::KIND_AGENT);
    event.mutable_author()->set_id("alice");
    event.mutable_message()->set_text("seen");
    desk_.ledger.publishShared(id_, event);
    ASSERT_TRUE(until([&] { return last().seq == 4; }));
    EXPECT_EQ(last().delivery, Delivery::recorded);
    const auto times = postedTimes("seen");
    settle(std::chrono::milliseconds(400));
    EXPECT_LE(postedTimes("seen"), times + 1) << "what is confirmed is not posted any more";
    EXPECT_TRUE(failures_.empty());
}

TEST_F(SendingTest, NobodyAnsweringEndsInAFailureThatCanBeRetried) {
    desk_.ledger.setFaults({.deaf = true});
    const RequestId request = say("please");
    ASSERT_TRUE(until([&] { return !failures_.empty(); }));
    EXPECT_EQ(failures_[0].code, Errc::deadline);
    EXPECT_EQ(last().delivery, Delivery::failed);
    const auto times = postedTimes("please");
    EXPECT_EQ(times, test::quickTiming().messageAttempts);
    settle(std::chrono::milliseconds(400));
    EXPECT_EQ(postedTimes("please"), times) << "what has failed waits for the person";

    desk_.ledger.setFaults({});
    client_->retry(request);
    EXPECT_NE(last().delivery, Delivery::failed);
    ASSERT_TRUE(until([&] { return last().seq != 0; }));
    EXPECT_EQ(last().requestId.toStdString(), request.str())
        << "it may have been recorded already, so the id must not change";
}

TEST_F(SendingTest, ARefusalIsShownWithItsReasonAndRetriedUnderANewId) {
    desk_.ledger.setFaults({.refusal = Error{Errc::forbidden, "not yours"}});
    const RequestId request = say("no");
    ASSERT_TRUE(until([&] { return !failures_.empty(); }));
    EXPECT_EQ(last().delivery, Delivery::failed);
    EXPECT_EQ(last().failureCode, Errc::forbidden);
    EXPECT_EQ(last().failure, "not yours");
    EXPECT_EQ(postedTimes("no"), 1) << "retrying by itself would not help";
    desk_.ledger.setFaults({});
    client_->retry(request);
    ASSERT_TRUE(until([&] { return last().seq != 0; }));
    EXPECT_NE(last().requestId.toStdString(), request.str());
}

TEST_F(SendingTest, AFailedOneCanBeDiscarded) {
    desk_.ledger.setFaults({.refusal = Error{Errc::forbidden, "not yours"}});
    const RequestId request = say("no");
    client_->discard(request);  // not while it is under way
    ASSERT_TRUE(until([&] { return !failures_.empty(); }));
    EXPECT_EQ(lastLine(*open()), "me: no");
    client_->discard(request);
    EXPECT_EQ(lastLine(*open()), "assigned: Alice");
    start();
    EXPECT_EQ(lastLine(*open()), "assigned: Alice");
}

TEST_F(SendingTest, APassingFailureIsRetried) {
    desk_.ledger.setFaults({.refusal = Error{Errc::unavailable, "database away"}});
    say("soon");
    ASSERT_TRUE(until([&] { return postedTimes("soon") >= 2; }));
    EXPECT_EQ(last().delivery, Delivery::sending);
}

TEST_F(SendingTest, WhatIsNotConfirmedSurvivesARestart) {
    desk_.ledger.setFaults({.deaf = true});
    const RequestId request = say("precious");
    ASSERT_TRUE(until([&] { return postedTimes("precious") >= 1; }));
    client_.reset();
    desk_.ledger.setFaults({});
    start();
    ASSERT_TRUE(until([&] { return last().seq != 0; }));
    EXPECT_EQ(lastLine(*open()), "me: precious");
    EXPECT_EQ(last().requestId.toStdString(), request.str());
    // And having been confirmed, it is gone from the disk.
    client_.reset();
    const auto times = postedTimes("precious");
    start();
    settle();
    EXPECT_EQ(postedTimes("precious"), times);
}

TEST_F(SendingTest, AFailureSurvivesARestartEvenWhenTheConversationIsGone) {
    desk_.ledger.setFaults({.refusal = Error{Errc::closed, "closed"}});
    say("too late");
    ASSERT_TRUE(until([&] { return !failures_.empty(); }));
    client_.reset();
    desk_.ledger.setFaults({});
    desk_.ledger.hangsUp(id_, "bye");
    desk_.broker.drain();
    client_ = desk_.makeClient("alice", "Alice");
    ASSERT_TRUE(client_->signIn());
    ASSERT_TRUE(until([&] { return open() && open()->isComplete(); }));
    EXPECT_EQ(lastLine(*open()), "me: too late");
    EXPECT_EQ(last().delivery, Delivery::failed);
    EXPECT_EQ(last().failureCode, Errc::closed);
    EXPECT_EQ(open()->phase(), Conversation::Phase::closed);
}

TEST_F(SendingTest, WithoutAConnectionItWaitsAndGoesOutAfterTheReconnect) {
    desk_.broker.cutConnections();
    ASSERT_TRUE(
        until([&] { return client_->connection() == AgentClient::Connection::reconnecting; }));
    say("offline");
    settle();
    EXPECT_EQ(last().delivery, Delivery::waiting);
    desk_.broker.restoreConnections();
    ASSERT_TRUE(until([&] { return last().seq != 0; }));
    EXPECT_EQ(desk_.ledger.texts(id_), (Lines{"hi", "offline"}));
}

TEST_F(SendingTest, ALostConnectionDoesNotCountAsAFailure) {
    desk_.ledger.setFaults({.deaf = true});
    say("patient");
    ASSERT_TRUE(until([&] { return postedTimes("patient") > 0; }));
    for (int i = 0; i < 2 * test::quickTiming().messageAttempts; ++i) {
        desk_.broker.cutConnections();
        ASSERT_TRUE(
            until([&] { return client_->connection() == AgentClient::Connection::reconnecting; }));
        const auto times = postedTimes("patient");
        desk_.broker.restoreConnections();
        ASSERT_TRUE(until([&] { return postedTimes("patient") > times; }));
    }
    EXPECT_TRUE(failures_.empty());
    desk_.ledger.setFaults({});
    ASSERT_TRUE(until([&] { return last().seq != 0; }));
}

TEST_F(SendingTest, ANoteStandsWhereItWasWrittenAndNoVisitorSeesIt) {
    ASSERT_TRUE(client_->send(id_, "VIP", Audience::staff));
    ASSERT_TRUE(until([&] { return last().seq == 1 && last().staff; }));
    desk_.ledger.says(id_, "more");
    ASSERT_TRUE(until([&] { return lastLine(*open()) == "visitor: more"; }));
    EXPECT_EQ(lines(*open()),
              (Lines{"opened", "visitor: hi", "assigned: Alice", "note: VIP", "visitor: more"}));
    EXPECT_EQ(desk_.ledger.texts(id_), (Lines{"hi", "more"}));
    // After a restart it comes from history to the same place.
    client_.reset();
    start();
    EXPECT_EQ(lines(*open()),
              (Lines{"opened", "visitor: hi", "assigned: Alice", "note: VIP", "visitor: more"}));
}

TEST_F(SendingTest, ClosingEndsTheConversation) {
    client_->close(id_, "solved");
    ASSERT_TRUE(until([&] { return open()->phase() == Conversation::Phase::closed; }));
    ASSERT_TRUE(until([&] { return !open()->isHeld(); }));
    EXPECT_EQ(lastLine(*open()), "closed");
    EXPECT_EQ(last().text, "solved");
    EXPECT_TRUE(client_->dismiss(id_));
    EXPECT_EQ(client_->conversations().rowCount(), 0);
}

TEST_F(SendingTest, AConversationThatIsOursCannotBeDismissed) {
    EXPECT_FALSE(client_->dismiss(id_));
    EXPECT_EQ(client_->conversations().rowCount(), 1);
}

TEST_F(SendingTest, TypingIsToldAndEnds) {
    open()->typing().typed();
    open()->typing().typed();
    ASSERT_TRUE(until([&] { return desk_.ledger.typings(id_).size() == 2; }))
        << "it must end by itself";
    EXPECT_EQ(desk_.ledger.typings(id_), (std::vector<bool>{true, false}));
    open()->typing().typed();
    say("done");
    ASSERT_TRUE(until([&] { return desk_.ledger.typings(id_).size() == 4; }));
    EXPECT_FALSE(desk_.ledger.typings(id_).back());
}

TEST_F(SendingTest, ReadingIsRecordedOnceAndUnreadCountsSurviveARestart) {
    EXPECT_EQ(open()->unread(), 1);
    desk_.ledger.says(id_, "more");
    ASSERT_TRUE(until([&] { return open()->unread() == 2; }));
    EXPECT_EQ(client_->conversations().totalUnread(), 2);
    open()->markRead();
    open()->markRead();
    EXPECT_EQ(open()->unread(), 0);
    ASSERT_TRUE(until([&] { return !desk_.ledger.drafts(id_).empty(); }));
    settle();
    ASSERT_EQ(desk_.ledger.drafts(id_).size(), 1U);
    EXPECT_EQ(desk_.ledger.drafts(id_)[0].read().seq(), 4U);
    client_.reset();
    start();
    EXPECT_EQ(open()->unread(), 0);
}

TEST_F(SendingTest, TheVisitorsReadingIsShown) {
    say("hello");
    ASSERT_TRUE(until([&] { return last().seq == 4; }));
    desk_.ledger.reads(id_, 4);
    ASSERT_TRUE(until([&] { return last().delivery == Delivery::seen; }));
}

}  // namespace
}  // namespace parlor::agent
