// The visitor's presence, as readers come and go.

#include "tests/gateway/support/mailbox_suite.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;

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
