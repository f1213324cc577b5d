// Dispatch by itself: offers and what becomes of them, agents who go, silence.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "ledger/dispatch/wait_estimate.h"
#include "tests/ledger/world.h"

namespace parlor::ledger::test {
namespace {

const DepartmentId kGeneral = *DepartmentId::parse("general");
using Kind = v1::Event::BodyCase;

class DispatchTest : public testing::Test {
 protected:
    static World::Options quick() {
        World::Options options;
        options.ledger.dispatch.grace = std::chrono::milliseconds(50);
        options.ledger.dispatch.sweep = std::chrono::milliseconds(20);
        options.ledger.dispatch.fullSweep = std::chrono::milliseconds(40);
        return options;
    }

    void SetUp() override {
        observer_.subscribe({"parlor/+/c/+/out/log", "parlor/+/c/+/staff/#"});
        staff(v1::ROUTING_LEAST_BUSY);
    }
    void staff(v1::Routing routing, std::uint32_t offerTimeoutS = 0) {
        auto general = department("general", routing);
        general.set_offer_timeout_s(offerTimeoutS);
        world_.staff({general}, {agent(kAlice, 2), agent(kBob, 2)});
    }
    void tell(Sender& who, const AgentId& id, v1::AgentStatus::State state) {
        tellStatus(who.client(), id, state);
    }
    void comeOnline(Sender& who, const AgentId& id) {
        tell(who, id, v1::AgentStatus::STATE_ONLINE);
    }
    // The next event of that kind, whatever comes before it.
    v1::Event await(Kind kind, const ConversationId& conversation) {
        v1::Event found;
        const auto message = observer_.await([&](const bus::Message& each) {
            const auto event = decode<v1::Event>(each.payload);
            if (!event || event->body_case() != kind) return false;
            if (event->conversation() != conversation.str()) return false;
            found = *event;
            return true;
        });
        EXPECT_TRUE(message) << "no event of kind " << kind;
        return found;
    }
    Conversation row(const ConversationId& conversation) {
        return world_.store().makeReader()->conversations(std::span(&conversation, 1))->at(0);
    }

    World world_{quick()};
    Sender gateway_{world_.broker()};
    Sender alice_{world_.broker(), kAlice};
    Sender bob_{world_.broker(), kBob};
    Client observer_{world_.broker(), "observer"};
};

TEST_F(DispatchTest, WhoWaitsIsOfferedToWhoeverIsFree) {
    Client desk(world_.broker(), "desk");
    desk.subscribe({topics::filters::agentAssignments(kSite, kAlice)});
    comeOnline(alice_, kAlice);
    const auto conversation = world_.open(gateway_);
    const auto offered = await(v1::Event::kOffered, conversation);
    EXPECT_EQ(offered.stream(), v1::STREAM_STAFF);
    EXPECT_EQ(offered.offered().agent(), "alice");
    EXPECT_EQ(offered.offered().fence(), 1U);
    EXPECT_NEAR(static_cast<double>(offered.offered().until_ms() - offered.recorded_at_ms()),
                30'000, 5'000);
    const auto message = desk.await([](const bus::Message&) { return true; });
    ASSERT_TRUE(message);
    const auto assignment = *decode<v1::Assignment>(message->payload);
    EXPECT_TRUE(assignment.offered());
    EXPECT_EQ(assignment.until_ms(), offered.offered().until_ms());

    const auto taken = bob_.post(conversation, accept()).failure();
    EXPECT_EQ(taken.code(), v1::ERROR_CODE_CONFLICT);
    EXPECT_EQ(taken.text(), "offered to alice");
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    EXPECT_EQ(row(conversation).fence, 2U);
    const auto held = desk.await([](const bus::Message& each) {
        const auto now = decode<v1::Assignment>(each.payload);
        return now && !now->offered();
    });
    EXPECT_TRUE(held);
}

TEST_F(DispatchTest, AnAgentWhoComesOnlineGetsWhoWaitedLongest) {
    const auto first = world_.open(gateway_);
    const auto second = world_.open(gateway_);
    const auto third = world_.open(gateway_);
    comeOnline(alice_, kAlice);
    await(v1::Event::kOffered, first);
    await(v1::Event::kOffered, second);
    // She has no room for the third before she is done with one.
    ASSERT_TRUE(alice_.post(first, accept()).has_recorded());
    EXPECT_FALSE(row(third).offer);
    ASSERT_TRUE(alice_.post(first, close()).has_recorded());
    await(v1::Event::kOffered, third);
}

TEST_F(DispatchTest, WhoWasRaisedIsOfferedFirstThenTheDepartmentsPriority) {
    auto general = department("general", v1::ROUTING_LEAST_BUSY);
    auto urgent = department("urgent", v1::ROUTING_LEAST_BUSY);
    urgent.set_priority(3);
    world_.staff({general, urgent}, {agent(kAlice, 1), agent(kCarol, 0, v1::ROLE_SUPERVISOR)});
    const auto older = world_.open(gateway_);
    const auto request = openRequest("urgent");
    ASSERT_TRUE(gateway_.open(request).has_open());
    const auto important = *ConversationId::parse(request.conversation());
    const auto raised = world_.open(gateway_);
    Sender carol(world_.broker(), kCarol);
    ASSERT_TRUE(carol.post(raised, prioritize(9)).has_recorded());
    comeOnline(alice_, kAlice);
    for (const auto& next : {raised, important, older}) {
        await(v1::Event::kOffered, next);
        ASSERT_TRUE(alice_.post(next, accept()).has_recorded());
        ASSERT_TRUE(alice_.post(next, close()).has_recorded());
    }
}

// The offer stays with whoever has it.
TEST_F(DispatchTest, WhatIsOfferedStaysOfferedWhenItIsRaised) {
    world_.staff({department("general", v1::ROUTING_LEAST_BUSY)},
                 {agent(kAlice, 1), agent(kCarol, 0, v1::ROLE_SUPERVISOR)});
    comeOnline(alice_, kAlice);
    const auto conversation = world_.open(gateway_);
    await(v1::Event::kOffered, conversation);
    Sender carol(world_.broker(), kCarol);
    ASSERT_TRUE(carol.post(conversation, prioritize(5)).has_recorded());
    EXPECT_EQ(row(conversation).offer->agent, kAlice);
    EXPECT_EQ(bob_.post(conversation, accept()).failure().text(), "offered to alice");
    EXPECT_TRUE(alice_.post(conversation, accept()).has_recorded());
}

TEST_F(DispatchTest, WhatIsDeclinedGoesToTheNext) {
    comeOnline(alice_, kAlice);
    const auto conversation = world_.open(gateway_);
    await(v1::Event::kOffered, conversation);
    comeOnline(bob_, kBob);
    ASSERT_TRUE(alice_.post(conversation, decline()).has_recorded());
    const auto declined = await(v1::Event::kDeclined, conversation);
    EXPECT_FALSE(declined.declined().timed_out());
    EXPECT_EQ(declined.author().id(), "alice");
    EXPECT_EQ(await(v1::Event::kOffered, conversation).offered().agent(), "bob");
    ASSERT_TRUE(bob_.post(conversation, decline()).has_recorded());
    // Both said no: it waits for the next round, and whoever likes may take it.
    await(v1::Event::kDeclined, conversation);
    EXPECT_TRUE(alice_.post(conversation, accept()).has_recorded());
    EXPECT_TRUE(row(conversation).declined.empty());
}

TEST_F(DispatchTest, AnOfferThatIsNotAnsweredRunsOut) {
    staff(v1::ROUTING_LEAST_BUSY, 1);
    comeOnline(alice_, kAlice);
    const auto conversation = world_.open(gateway_);
    const auto offered = await(v1::Event::kOffered, conversation);
    comeOnline(bob_, kBob);
    const auto ended = await(v1::Event::kDeclined, conversation);
    EXPECT_TRUE(ended.declined().timed_out());
    EXPECT_EQ(ended.author().kind(), v1::Party::KIND_SYSTEM);
    EXPECT_GE(ended.recorded_at_ms(), offered.offered().until_ms());
    EXPECT_EQ(await(v1::Event::kOffered, conversation).offered().agent(), "bob");
}

TEST_F(DispatchTest, WhoGoesAwayLosesTheOfferAtOnce) {
    comeOnline(alice_, kAlice);
    const auto conversation = world_.open(gateway_);
    await(v1::Event::kOffered, conversation);
    tell(alice_, kAlice, v1::AgentStatus::STATE_BUSY);
    EXPECT_TRUE(await(v1::Event::kDeclined, conversation).declined().timed_out());
    EXPECT_FALSE(row(conversation).offer);
}

TEST_F(DispatchTest, WhoIsAwayOrBusyIsOfferedNothing) {
    tell(alice_, kAlice, v1::AgentStatus::STATE_AWAY);
    tell(bob_, kBob, v1::AgentStatus::STATE_BUSY);
    const auto conversation = world_.open(gateway_);
    world_.broker().drain();
    EXPECT_FALSE(row(conversation).offer);
    comeOnline(bob_, kBob);
    EXPECT_EQ(await(v1::Event::kOffered, conversation).offered().agent(), "bob");
}

TEST_F(DispatchTest, TheConversationsOfWhoIsGoneGoBackToTheHead) {
    staff(v1::ROUTING_MANUAL);
    comeOnline(alice_, kAlice);
    const auto conversation = world_.open(gateway_);
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    const auto later = world_.open(gateway_);
    tell(alice_, kAlice, v1::AgentStatus::STATE_OFFLINE);
    const auto released = await(v1::Event::kReleased, conversation);
    EXPECT_EQ(released.released().agent(), "alice");
    EXPECT_EQ(released.released().reason(), "offline");
    EXPECT_EQ(await(v1::Event::kQueued, conversation).queued().reason(), "released");
    const auto queue = world_.store().makeDispatchReader()->queue(kSite, kGeneral, 9);
    ASSERT_TRUE(queue);
    EXPECT_THAT(*queue, testing::ElementsAre(conversation, later));
}

TEST(GraceTest, WhoComesBackInTimeKeepsItsConversations) {
    World::Options options;
    options.ledger.dispatch.grace = std::chrono::hours(1);
    options.ledger.dispatch.sweep = std::chrono::milliseconds(10);
    World world(options);
    Sender gateway(world.broker());
    Sender alice(world.broker(), kAlice);
    tellStatus(alice.client(), kAlice, v1::AgentStatus::STATE_ONLINE);
    const auto conversation = world.open(gateway);
    ASSERT_TRUE(alice.post(conversation, accept()).has_recorded());
    tellStatus(alice.client(), kAlice, v1::AgentStatus::STATE_OFFLINE);
    tellStatus(alice.client(), kAlice, v1::AgentStatus::STATE_ONLINE);
    world.broker().drain();
    EXPECT_TRUE(alice.post(conversation, message("still here")).has_recorded());
    EXPECT_EQ(gateway.history(conversation).history().head_seq(), 3U);
}

// The broker died with the agent's program: no will tells of it, only silence.
TEST(StatusLeaseTest, WhoDoesNotRenewItsStatusIsGone) {
    std::atomic<std::int64_t> aheadS{0};
    World::Options options;
    options.ledger.dispatch.sweep = std::chrono::milliseconds(10);
    options.ledger.agents = {
        .now = [&] { return AgentDirectory::Clock::now() + std::chrono::seconds(aheadS.load()); }};
    World world(options);
    Sender gateway(world.broker());
    Sender alice(world.broker(), kAlice);
    Sender bob(world.broker(), kBob);
    Client observer(world.broker(), "observer");
    observer.subscribe({"parlor/+/c/+/out/log"});
    tellStatus(alice.client(), kAlice, v1::AgentStatus::STATE_ONLINE);
    tellStatus(bob.client(), kBob, v1::AgentStatus::STATE_BUSY);
    const auto alices = world.open(gateway);
    const auto bobs = world.open(gateway);
    ASSERT_TRUE(alice.post(alices, accept()).has_recorded());
    ASSERT_TRUE(bob.post(bobs, accept()).has_recorded());
    const auto isReleased = [](const bus::Message& each) {
        const auto event = decode<v1::Event>(each.payload);
        return event && event->has_released();
    };
    // 90 s of silence, and 30 s of grace; bob speaks up in between.
    aheadS = 80;
    tellStatus(bob.client(), kBob, v1::AgentStatus::STATE_BUSY);
    world.broker().drain();
    aheadS = 121;
    const auto released = observer.await(isReleased);
    ASSERT_TRUE(released);
    const auto event = decode<v1::Event>(released->payload);
    EXPECT_EQ(event->conversation(), alices.str());
    EXPECT_EQ(event->released().reason(), "offline");
    EXPECT_TRUE(bob.post(bobs, message("still here")).has_recorded());
    EXPECT_FALSE(alice.post(alices, message("too late")).has_recorded());
}

TEST_F(DispatchTest, WhereAgentsPickNothingIsOffered) {
    staff(v1::ROUTING_MANUAL);
    comeOnline(alice_, kAlice);
    const auto conversation = world_.open(gateway_);
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    EXPECT_EQ(alice_.history(conversation, 0, 0, v1::STREAM_STAFF).history().head_seq(), 0U);
}

TEST_F(DispatchTest, AReopenedConversationGoesToWhoServedIt) {
    staff(v1::ROUTING_STICKY);
    comeOnline(bob_, kBob);
    const auto conversation = world_.open(gateway_);
    await(v1::Event::kOffered, conversation);
    ASSERT_TRUE(bob_.post(conversation, accept()).has_recorded());
    comeOnline(alice_, kAlice);
    const auto other = world_.open(gateway_);  // so that alice has less to do than bob
    EXPECT_EQ(await(v1::Event::kOffered, other).offered().agent(), "alice");
    ASSERT_TRUE(bob_.post(conversation, close()).has_recorded());
    ASSERT_TRUE(alice_.post(other, accept()).has_recorded());
    ASSERT_TRUE(alice_.post(other, close()).has_recorded());
    ASSERT_TRUE(gateway_.post(conversation, message("again")).has_recorded());
    EXPECT_EQ(await(v1::Event::kOffered, conversation).offered().agent(), "bob");
}

TEST_F(DispatchTest, AVisitorWhoComesAgainGoesToWhoServedBefore) {
    staff(v1::ROUTING_STICKY);
    comeOnline(bob_, kBob);
    auto request = openRequest();
    request.mutable_visitor()->set_email("Zoe@Example.com");
    ASSERT_TRUE(gateway_.open(request).has_open());
    const auto first = *ConversationId::parse(request.conversation());
    await(v1::Event::kOffered, first);
    ASSERT_TRUE(bob_.post(first, accept()).has_recorded());
    comeOnline(alice_, kAlice);
    auto again = openRequest();
    again.mutable_visitor()->set_email("zoe@example.com");
    ASSERT_TRUE(gateway_.open(again).has_open());
    const auto second = *ConversationId::parse(again.conversation());
    EXPECT_EQ(await(v1::Event::kOffered, second).offered().agent(), "bob");
}

TEST_F(DispatchTest, OutsideBusinessHoursItWaitsForTheMorning) {
    auto general = department("general", v1::ROUTING_LEAST_BUSY);
    auto& never = *general.add_hours();  // a day that is not today
    const auto today = (std::chrono::duration_cast<std::chrono::hours>(
                            std::chrono::system_clock::now().time_since_epoch())
                                .count() /
                            24 +
                        3) %
                           7 +
                       1;
    never.set_weekday(static_cast<std::uint32_t>((today + 2) % 7 + 1));
    never.set_until_minute(1440);
    world_.staff({general}, {});
    comeOnline(alice_, kAlice);
    const auto conversation = world_.open(gateway_);
    EXPECT_TRUE(await(v1::Event::kOpened, conversation).opened().offline());
    EXPECT_TRUE(gateway_.post(conversation, message("call me")).has_recorded());
    EXPECT_FALSE(row(conversation).offer);
    staff(v1::ROUTING_LEAST_BUSY);
    await(v1::Event::kOffered, conversation);
}

TEST_F(DispatchTest, SilenceEndsAConversation) {
    staff(v1::ROUTING_MANUAL);
    comeOnline(alice_, kAlice);
    const auto waiting = world_.open(gateway_);
    const auto conversation = world_.open(gateway_);
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    ASSERT_TRUE(alice_.post(conversation, message("anything else?")).has_recorded());
    auto general = department("general");
    general.set_auto_close_s(1);
    world_.staff({general}, {});
    const auto closed = await(v1::Event::kClosed, conversation);
    EXPECT_EQ(closed.closed().reason(), "silence");
    EXPECT_EQ(closed.author().kind(), v1::Party::KIND_SYSTEM);
    // Who waits is not forgotten for waiting silently.
    EXPECT_EQ(row(waiting).state, ConversationState::waiting);
}

// What a visitor who waits is told.
class PlaceTest : public DispatchTest {
 protected:
    PlaceTest() { listener_.subscribe({"parlor/+/c/+/out/live/ledger"}); }

    v1::QueuePosition await(const ConversationId& conversation, std::uint32_t position) {
        v1::QueuePosition told;
        const auto topic = topics::format(
            topics::LiveOut{kSite, conversation, *PartyId::parse(std::string(kLedgerParty))});
        EXPECT_TRUE(listener_.await([&](const bus::Message& each) {
            const auto live = decode<v1::Live>(each.payload);
            if (!live || each.topic != topic) return false;
            told = live->queue_position();
            return told.position() == position;
        })) << "was not told its place "
            << position;
        return told;
    }

    Client listener_{world_.broker(), "listener"};
};

TEST_F(PlaceTest, WhoWaitsIsToldItsPlaceAndWhenItChanges) {
    staff(v1::ROUTING_MANUAL);
    const auto first = world_.open(gateway_);
    const auto second = world_.open(gateway_);
    const auto third = world_.open(gateway_);
    await(first, 1);
    await(second, 2);
    EXPECT_EQ(await(third, 3).expected_wait_s(), 0U);
    ASSERT_TRUE(alice_.post(first, accept()).has_recorded());
    await(second, 1);
    await(third, 2);
    // By now it is known how long it takes.
    ASSERT_TRUE(alice_.post(second, accept()).has_recorded());
    EXPECT_GT(await(third, 1).expected_wait_s(), 0U);
}

TEST(WaitEstimateTest, IsTheMeanOfTheNewestWaits) {
    using std::chrono::hours;
    using std::chrono::milliseconds;
    using std::chrono::minutes;
    WaitEstimate estimate;
    const auto now = WaitEstimate::Clock::now();
    EXPECT_EQ(estimate.seconds(now), 0U);
    estimate.add(milliseconds(1), now);
    EXPECT_EQ(estimate.seconds(now), 5U);
    estimate.add(minutes(1), now);
    EXPECT_EQ(estimate.seconds(now), 30U);
    EXPECT_EQ(estimate.seconds(now + hours(2)), 0U);
    for (int i = 0; i < 16; ++i) estimate.add(milliseconds(10'000), now);
    EXPECT_EQ(estimate.seconds(now), 10U);
}

TEST_F(DispatchTest, ALedgerThatComesBackGoesOnWithTheOffers) {
    staff(v1::ROUTING_LEAST_BUSY, 1);
    comeOnline(alice_, kAlice);
    const auto conversation = world_.open(gateway_);
    await(v1::Event::kOffered, conversation);
    world_.stopLedger();
    comeOnline(bob_, kBob);
    world_.startLedger();
    EXPECT_TRUE(await(v1::Event::kDeclined, conversation).declined().timed_out());
    EXPECT_TRUE(observer_.await([&](const bus::Message& each) {
        const auto event = decode<v1::Event>(each.payload);
        return event && event->offered().agent() == "bob";
    }));
}

}  // namespace
}  // namespace parlor::ledger::test
