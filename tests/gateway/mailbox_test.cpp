// A mailbox as a conversation between gateway, broker and ledger.

#include "gateway/mailbox/mailbox.h"

#include "tests/gateway/support/core_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

class MailboxTest : public CoreTest {
 protected:
    // The next thing the gateway sent must be a question to history.
    bus::Message expectHistory(std::uint64_t after) {
        v1::Request request;
        const bus::Message message = ledger.expectRequest(&request);
        EXPECT_EQ(request.history().conversation(), conversation.str());
        EXPECT_EQ(request.history().stream(), v1::STREAM_SHARED);
        EXPECT_EQ(request.history().after_seq(), after);
        EXPECT_EQ(message.correlationData.size(), 16U);
        return message;
    }
    void history(std::uint64_t after, std::uint64_t head, std::uint64_t last,
                 std::uint32_t epoch = 1) {
        const bus::Message message = expectHistory(after);
        ledger.replyHistory(message, epoch, head, events(after + 1, last, epoch));
        settle();
    }
    std::uint64_t dropped(Drop reason) { return stats.dropped(reason).value(); }
};

TEST_F(MailboxTest, RetainedHeadMakesItLiveWithoutHistory) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    EXPECT_EQ(reader.takeTold(), Told());
    EXPECT_TRUE(mailbox->upToDate(reader));

    publish(2);
    EXPECT_EQ(reader.takeTold(), Told{"2"});
    EXPECT_EQ(reader.cursor(), (Cursor{1, 2}));
    advance(5s);
    expectNothingMore();
}

TEST_F(MailboxTest, ReaderFromTheStartGetsTheHeadAtOnceWhereItIsTheFirst) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({0, 0});
    read(*mailbox, reader);
    settle();
    EXPECT_EQ(reader.takeTold(), Told{"1"});
    expectNothingMore();
}

TEST_F(MailboxTest, WithoutARetainedHeadHistoryIsAskedAfterAWhile) {
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 3});
    read(*mailbox, reader);
    settle();
    advance(140ms);
    expectNothingMore();
    EXPECT_FALSE(mailbox->upToDate(reader));
    advance(30ms);
    history(3, 5, 5);
    EXPECT_EQ(reader.takeTold(), Told{"4,5"});
    // Live from here on.
    read(*mailbox, reader);
    EXPECT_TRUE(mailbox->upToDate(reader));
    publish(6);
    EXPECT_EQ(reader.takeTold(), Told{"6"});
    expectNothingMore();
}

TEST_F(MailboxTest, ReaderBehindTheRingIsServedFromHistory) {
    publish(5);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({0, 0});
    read(*mailbox, reader);
    settle();
    history(0, 5, 5);
    EXPECT_EQ(reader.takeTold(), Told{"1,2,3,4,5"});
    // What history gave fills the ring backwards: the next one needs no question.
    TestReader second({1, 2});
    read(*mailbox, second);
    EXPECT_EQ(second.takeTold(), Told{"3,4,5"});
    advance(5s);
    expectNothingMore();
}

TEST_F(MailboxTest, ReadersAtTheSamePlaceShareTheBytes) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader one({1, 1});
    TestReader two({1, 1});
    read(*mailbox, one);
    read(*mailbox, two);
    settle();
    publish(2);
    EXPECT_EQ(one.lastPage, two.lastPage);
    EXPECT_NE(one.lastPage, nullptr);
}

TEST_F(MailboxTest, ABatchOfEventsIsOnePage) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    for (std::uint64_t seq = 2; seq <= 4; ++seq) ledger.publish(site, event(seq));
    broker.drain();
    settle();
    EXPECT_EQ(reader.takeTold(), Told{"2,3,4"});
}

TEST_F(MailboxTest, AHoleIsHeldBackThenFilled) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    publish(3);
    publish(4);
    advance(190ms);
    EXPECT_EQ(reader.takeTold(), Told());
    EXPECT_FALSE(mailbox->upToDate(reader));
    expectNothingMore();
    advance(30ms);
    history(1, 4, 4);
    EXPECT_EQ(reader.takeTold(), Told{"2,3,4"});
    advance(5s);
    expectNothingMore();
}

TEST_F(MailboxTest, WhatComesOutOfOrderIsPutInOrder) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    publish(4);
    publish(3);
    advance(100ms);
    EXPECT_EQ(reader.takeTold(), Told());
    publish(2);
    EXPECT_EQ(reader.takeTold(), Told{"2,3,4"});
    advance(5s);
    expectNothingMore();
}

TEST_F(MailboxTest, DuplicatesAreDropped) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    publish(2);
    EXPECT_EQ(reader.takeTold(), Told{"2"});
    read(*mailbox, reader);
    publish(2);
    publish(1);
    EXPECT_EQ(reader.takeTold(), Told());
    EXPECT_EQ(dropped(Drop::duplicate), 2U);
    publish(3);
    EXPECT_EQ(reader.takeTold(), Told{"3"});
}

TEST_F(MailboxTest, AReaderAheadIsNotTakenBack) {
    publish(3);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 5});  // it has been at a replica that is ahead of this one
    read(*mailbox, reader);
    settle();
    publish(4);
    publish(5);
    EXPECT_EQ(reader.takeTold(), Told());
    publish(6);
    EXPECT_EQ(reader.takeTold(), Told{"6"});
    expectNothingMore();
}

TEST_F(MailboxTest, ACursorOfAnotherEpochStartsOver) {
    publish(2, 7);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 40});
    read(*mailbox, reader);
    settle();
    history(0, 2, 2, 7);
    EXPECT_EQ(reader.takeTold(), Told{"reset 1,2"});
    EXPECT_EQ(reader.cursor(), (Cursor{7, 2}));
    // Only once.
    read(*mailbox, reader);
    publish(3, 7);
    EXPECT_EQ(reader.takeTold(), Told{"3"});
}

TEST_F(MailboxTest, ANewEpochIsAskedForAndStartsReadersOver) {
    publish(5);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 5});
    read(*mailbox, reader);
    settle();
    publish(3, 2);
    history(5, 3, 0, 2);
    history(0, 3, 3, 2);
    EXPECT_EQ(reader.takeTold(), Told{"reset 1,2,3"});
    expectNothingMore();
}

TEST_F(MailboxTest, AnEventOfAnEpochThatHasPassedChangesNothing) {
    publish(5, 2);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({2, 5});
    read(*mailbox, reader);
    settle();
    publish(9, 1);
    history(5, 5, 5, 2);
    EXPECT_EQ(reader.takeTold(), Told());
    EXPECT_EQ(dropped(Drop::staleEpoch), 1U);
    publish(6, 2);
    EXPECT_EQ(reader.takeTold(), Told{"6"});
}

TEST_F(MailboxTest, TheRingIsBoundedAndHistoryServesWhoIsBehindIt) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    settle();
    for (std::uint64_t seq = 2; seq <= 100; ++seq) ledger.publish(site, event(seq));
    settle();
    TestReader near({1, 98});
    read(*mailbox, near);
    EXPECT_EQ(near.takeTold(), Told{"99,100"});
    TestReader edge({1, 100 - EventRing::kMaxEvents});
    read(*mailbox, edge);
    EXPECT_EQ(edge.takeTold().size(), 1U);
    expectNothingMore();
    TestReader far({1, 100 - EventRing::kMaxEvents - 1});
    read(*mailbox, far);
    settle();
    history(far.cursor().seq, 100, 100);
    EXPECT_EQ(far.cursor().seq, 100U);
}

TEST_F(MailboxTest, MoreThanOneAnswerOfHistoryIsAskedForPageByPage) {
    publish(450);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 0});
    read(*mailbox, reader);
    settle();
    history(0, 450, 200);
    EXPECT_EQ(reader.cursor().seq, 200U);
    read(*mailbox, reader);
    settle();
    history(200, 450, 400);
    read(*mailbox, reader);
    settle();
    history(400, 450, 450);
    EXPECT_EQ(reader.cursor().seq, 450U);
    read(*mailbox, reader);
    EXPECT_TRUE(mailbox->upToDate(reader));
}

TEST_F(MailboxTest, WhatCannotBeFilledIsSaidAndTriedAgain) {
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 3});
    read(*mailbox, reader);
    settle();
    advance(3500ms);  // the ledger is silent: the question is repeated, then given up
    EXPECT_EQ(reader.takeTold(), Told{"gap"});
    EXPECT_EQ(reader.cursor(), (Cursor{1, 3}));
    const bus::Message first = expectHistory(3);
    EXPECT_EQ(expectHistory(3).correlationData, first.correlationData);
    while (ledger.take()) {
    }
    read(*mailbox, reader);
    advance(1100ms);
    history(3, 4, 4);
    EXPECT_EQ(reader.takeTold(), Told{"4"});
    EXPECT_EQ(stats.gaps.value(), 1U);
}

TEST_F(MailboxTest, AHoleThatCannotBeFilledIsSaid) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    publish(3);
    advance(3500ms);
    EXPECT_EQ(reader.takeTold(), Told{"gap"});
    EXPECT_EQ(reader.cursor(), (Cursor{1, 1}));
}

TEST_F(MailboxTest, AConversationThatDoesNotExistIsSaid) {
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({0, 0});
    read(*mailbox, reader);
    settle();
    advance(200ms);
    ledger.replyFailure(expectHistory(0), Errc::notFound);
    settle();
    EXPECT_EQ(reader.takeTold(), Told{"error"});
}

TEST_F(MailboxTest, HistoryWithAHoleIsNotBelieved) {
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    advance(200ms);
    ledger.replyHistory(expectHistory(1), 1, 4, {event(2), event(4)});
    settle();
    EXPECT_EQ(reader.takeTold(), Told{"gap"});
}

TEST_F(MailboxTest, PayloadsThatDoNotParseAreDroppedAndCounted) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    const std::string log = topics::format(topics::SharedLog{site, conversation});
    const std::string live =
        topics::format(topics::LiveOut{site, conversation, *PartyId::parse("alice")});
    ledger.publishRaw({.topic = log, .payload = "\xff\xff not a protobuf"});
    ledger.publishRaw({.topic = log, .payload = ""});
    ledger.publishRaw({.topic = live, .payload = "\xff\xff"});
    auto foreign = makeEvent(ConversationId::generate(), 2);
    ledger.publishRaw({.topic = log, .payload = encode(foreign)});
    auto note = event(2);
    note.set_stream(v1::STREAM_STAFF);
    ledger.publishRaw({.topic = log, .payload = encode(note)});
    settle();
    EXPECT_EQ(dropped(Drop::malformed), 5U);
    EXPECT_EQ(reader.takeTold(), Told());
    publish(2);
    EXPECT_EQ(reader.takeTold(), Told{"2"});
}

TEST_F(MailboxTest, LingersThenUnsubscribes) {
    publish(1);
    {
        Attachment mailbox = hub.attach(site, conversation);
        settle();
    }
    advance(119s);
    EXPECT_EQ(hub.size(), 1U);
    publish(2);  // still followed
    {
        Attachment mailbox = hub.attach(site, conversation);
        TestReader reader({1, 1});
        read(*mailbox, reader);
        EXPECT_EQ(reader.takeTold(), Told{"2"});
    }
    advance(119s);
    EXPECT_EQ(hub.size(), 1U);
    advance(2s);
    EXPECT_EQ(hub.size(), 0U);
    publish(3);
    EXPECT_EQ(dropped(Drop::unknown), 0U);  // it did not even arrive
    // And back again.
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 2});
    read(*mailbox, reader);
    settle();
    EXPECT_EQ(reader.takeTold(), Told{"3"});
}

TEST_F(MailboxTest, AttachedAgainWhileTheUnsubscribeIsOnItsWayStaysSubscribed) {
    publish(1);
    {
        Attachment mailbox = hub.attach(site, conversation);
        settle();
    }
    now += Mailbox::kLinger + TimerWheel::kTick;
    wheel.advance();
    ASSERT_EQ(hub.size(), 0U);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    advance(1s);
    publish(2);
    EXPECT_EQ(reader.takeTold(), Told{"2"});
}

TEST_F(MailboxTest, AfterALostConnectionTheSameHeadNeedsNoHistory) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    gatewayBus->cut();
    settle();
    EXPECT_FALSE(mailbox->upToDate(reader));
    gatewayBus->restore();
    settle();
    EXPECT_TRUE(mailbox->upToDate(reader));
    advance(5s);
    expectNothingMore();
    EXPECT_EQ(reader.takeTold(), Told());
}

TEST_F(MailboxTest, AfterALostConnectionWhatWasMissedIsFilledAtOnce) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    gatewayBus->cut();
    publish(2);
    publish(3);
    gatewayBus->restore();
    settle();
    history(1, 3, 3);
    EXPECT_EQ(reader.takeTold(), Told{"2,3"});
    advance(5s);
    expectNothingMore();
}

TEST_F(MailboxTest, AfterALostConnectionARetainedHeadThatIsNextNeedsNoHistory) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    gatewayBus->cut();
    publish(2);
    gatewayBus->restore();
    settle();
    EXPECT_EQ(reader.takeTold(), Told{"2"});
    expectNothingMore();
}

TEST_F(MailboxTest, ABrokerThatLostItsMemoryProvesNothing) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    gatewayBus->cut();
    publish(2);
    broker.dropRetained();
    gatewayBus->restore();
    settle();
    expectNothingMore();
    advance(200ms);
    history(1, 2, 2);
    EXPECT_EQ(reader.takeTold(), Told{"2"});
}

TEST_F(MailboxTest, ARetainedHeadOlderThanOursProvesNothing) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    settle();
    publish(2);
    TestReader reader({1, 2});
    read(*mailbox, reader);
    gatewayBus->cut();
    publish(1);  // a broker restored from an older copy of itself
    gatewayBus->restore();
    settle();
    history(2, 3, 3);
    EXPECT_EQ(reader.takeTold(), Told{"3"});
}

TEST_F(MailboxTest, ManyMissedEventsRestartTheRing) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    gatewayBus->cut();
    publish(300);
    gatewayBus->restore();
    settle();
    history(1, 300, 201);
    EXPECT_EQ(reader.cursor().seq, 201U);
    read(*mailbox, reader);
    settle();
    history(201, 300, 300);
    EXPECT_EQ(reader.cursor().seq, 300U);
    publish(301);
    read(*mailbox, reader);
    EXPECT_EQ(reader.cursor().seq, 301U);
}

TEST_F(MailboxTest, AttachedWhileTheBrokerIsAwayWaitsForIt) {
    gatewayBus->cut();
    settle();
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({0, 0});
    read(*mailbox, reader);
    advance(10s);
    EXPECT_EQ(reader.takeTold(), Told());
    gatewayBus->restore();
    settle();
    EXPECT_EQ(reader.takeTold(), Told{"1"});
    expectNothingMore();
}

TEST_F(MailboxTest, NobodyIsAskedForMailboxesThatLinger) {
    publish(1);
    {
        Attachment mailbox = hub.attach(site, conversation);
        settle();
    }
    gatewayBus->cut();
    publish(5);
    gatewayBus->restore();
    settle();
    advance(5s);
    expectNothingMore();
    // Whoever comes back is served all the same.
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 1});
    read(*mailbox, reader);
    settle();
    history(1, 5, 5);
    EXPECT_EQ(reader.takeTold(), Told{"2,3,4,5"});
}

TEST_F(MailboxTest, ADestroyedReaderIsNotTold) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    {
        TestReader reader({1, 1});
        read(*mailbox, reader);
        settle();
    }
    publish(2);
}

class PresenceTest : public MailboxTest {
 protected:
    std::string presence() {
        std::string text;
        for (const bus::Message& message : ledger.takePresence()) {
            v1::Presence state;
            EXPECT_TRUE(state.ParseFromString(message.payload));
            EXPECT_EQ(message.expiry, 90s);
            text += state.state() == v1::Presence::STATE_HERE ? "here " : "away ";
        }
        return text;
    }
};

TEST_F(PresenceTest, ALeaseIsRenewedWhileSomebodyReads) {
    Attachment mailbox = hub.attach(site, conversation);
    advance(50ms);
    EXPECT_EQ(presence(), "here ");
    advance(11s);
    EXPECT_EQ(presence(), "");
    advance(2s);  // once more early: another replica may have said "away" meanwhile
    EXPECT_EQ(presence(), "here ");
    advance(60s);
    EXPECT_EQ(presence(), "here here ");
}

TEST_F(PresenceTest, PollsInARowDoNotRepeatIt) {
    for (int poll = 0; poll < 5; ++poll) {
        Attachment mailbox = hub.attach(site, conversation);
        advance(1s);
    }
    EXPECT_EQ(presence(), "here ");
}

TEST_F(PresenceTest, AwayIsSaidAWhileAfterTheVisitorClosedTheConnection) {
    Attachment mailbox = hub.attach(site, conversation);
    advance(50ms);
    EXPECT_EQ(presence(), "here ");
    mailbox.release(true);
    advance(9s);
    EXPECT_EQ(presence(), "");
    advance(2s);
    EXPECT_EQ(presence(), "away ");
    Attachment back = hub.attach(site, conversation);
    advance(50ms);
    EXPECT_EQ(presence(), "here ");
}

TEST_F(PresenceTest, AwayIsNotSaidOfWhoCameBackOrWasAnswered) {
    Attachment mailbox = hub.attach(site, conversation);
    advance(50ms);
    mailbox.release(true);
    advance(5s);
    Attachment back = hub.attach(site, conversation);
    advance(6s);
    back.release(false);  // its poll was answered
    advance(20s);
    EXPECT_EQ(presence(), "here ");
}

TEST_F(PresenceTest, WhatTheVisitorSaysOfItselfIsToldAndRenewed) {
    v1::Presence away;
    away.set_state(v1::Presence::STATE_AWAY);
    away.set_page_url("https://shop.example/cart");
    Attachment mailbox = hub.attach(site, conversation, &away);
    advance(50ms);
    const auto said = ledger.takePresence();
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(decode<v1::Presence>(said[0].payload)->page_url(), "https://shop.example/cart");
    EXPECT_EQ(decode<v1::Presence>(said[0].payload)->state(), v1::Presence::STATE_AWAY);
    advance(43s);
    EXPECT_EQ(presence(), "away away ");
    v1::Presence here;
    here.set_state(v1::Presence::STATE_HERE);
    hub.say(site, conversation, here);
    hub.say(site, conversation, here);
    advance(50ms);
    EXPECT_EQ(presence(), "here ");
    // Changes in a row: the last one counts.
    hub.say(site, conversation, away);
    hub.say(site, conversation, here);
    hub.say(site, conversation, away);
    advance(50ms);
    EXPECT_EQ(presence(), "");
    advance(1s);
    EXPECT_EQ(presence(), "away ");
}

TEST_F(PresenceTest, AChangeWithoutAReaderHereIsToldOnce) {
    v1::Presence away;
    away.set_state(v1::Presence::STATE_AWAY);
    hub.say(site, conversation, away);
    advance(50ms);
    EXPECT_EQ(presence(), "away ");
    advance(60s);
    EXPECT_EQ(presence(), "");
}

TEST_F(PresenceTest, AReaderThatSaysSomethingElseThanTheLastOneIsHeard) {
    Attachment first = hub.attach(site, conversation);
    advance(50ms);
    EXPECT_EQ(presence(), "here ");
    first.release(false);
    v1::Presence away;
    away.set_state(v1::Presence::STATE_AWAY);
    Attachment next = hub.attach(site, conversation, &away);
    advance(1s);
    EXPECT_EQ(presence(), "away ");
}

}  // namespace
}  // namespace parlor::gateway::test
