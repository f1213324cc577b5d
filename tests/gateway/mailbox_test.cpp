// A mailbox as a conversation between gateway, broker and ledger.

#include "tests/gateway/support/mailbox_suite.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;

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

TEST_F(MailboxTest, WhatWasTooMuchToHoldIsAskedFor) {
    publish(1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 2});
    read(*mailbox, reader);
    settle();
    for (std::uint64_t seq = 3; seq <= Mailbox::kMaxHeld + 5; ++seq) publish(seq);
    publish(2);
    EXPECT_EQ(reader.cursor().seq, Mailbox::kMaxHeld + 2);
    EXPECT_FALSE(mailbox->upToDate(reader));
    read(*mailbox, reader);
    history(Mailbox::kMaxHeld + 2, Mailbox::kMaxHeld + 5, Mailbox::kMaxHeld + 5);
    EXPECT_EQ(reader.cursor().seq, Mailbox::kMaxHeld + 5);
    read(*mailbox, reader);
    EXPECT_TRUE(mailbox->upToDate(reader));
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

TEST_F(MailboxTest, AHeadFromBeforeARestoreDoesNotTakeReadersBack) {
    publish(5, 1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader early({2, 5});
    read(*mailbox, early);
    settle();
    EXPECT_FALSE(mailbox->upToDate(early));
    history(5, 5, 5, 2);
    EXPECT_TRUE(mailbox->upToDate(early));
    publish(6, 2);
    EXPECT_EQ(early.takeTold(), Told{"6"});
    expectNothingMore();
}

TEST_F(MailboxTest, AReaderOfALaterEpochIsAskedFor) {
    publish(5, 1);
    Attachment mailbox = hub.attach(site, conversation);
    TestReader reader({1, 5});
    read(*mailbox, reader);
    settle();
    TestReader later({2, 4});
    read(*mailbox, later);
    EXPECT_EQ(later.takeTold(), Told());
    settle();
    history(5, 5, 5, 1);  // nobody has restored anything: the cursor is none of ours
    history(0, 5, 5, 1);
    EXPECT_EQ(later.takeTold(), Told{"reset 1,2,3,4,5"});
    EXPECT_EQ(reader.takeTold(), Told());
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

}  // namespace
}  // namespace parlor::gateway::test
