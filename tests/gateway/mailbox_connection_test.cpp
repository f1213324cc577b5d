// What becomes of a mailbox as readers and the broker come and go.

#include "tests/gateway/support/mailbox_suite.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;

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

}  // namespace
}  // namespace parlor::gateway::test
