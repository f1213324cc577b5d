// What the herald publishes waits for what was committed before it.

#include "ledger/dispatch/herald.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/intake/recorded_queue.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::IsEmpty;

class HeraldTest : public testing::Test {
 protected:
    void SetUp() override {
        bus_->start({});
        herald_.connected();
        ASSERT_TRUE(eventually([&] {
            herald_.step();
            return herald_.caughtUp();
        }));
        EXPECT_TRUE(settle());
    }
    void TearDown() override { bus_->stop(bus::Clock::now() + std::chrono::seconds(5)); }

    // Until all that was told has settled.
    bool settle() {
        return eventually([&] {
            herald_.step();
            return !announcer_.hasUnsettled();
        });
    }
    void tell(std::uint64_t seq) {
        v1::Event event;
        event.set_seq(seq);
        announcer_.event(kSite, conversation_, v1::STREAM_SHARED, seq, encode(event), true);
    }
    std::vector<std::uint64_t> heard() {
        world_.broker().drain();
        std::vector<std::uint64_t> seqs;
        for (const auto& event : eventsOf(observer_.take())) seqs.push_back(event.seq());
        return seqs;
    }

    World world_;
    Sender gateway_{world_.broker()};
    const ConversationId conversation_ = world_.open(gateway_);
    Client observer_{world_.broker(), "observer"};
    const std::unique_ptr<bus::Bus> bus_ = world_.broker().makeClient("herald");
    Metrics metrics_;
    Announcer announcer_{*bus_, metrics_, true, [] {}};
    RecordedQueue recorded_{1};
    Herald herald_{
        {},
        world_.store().makeReader(),
        announcer_,
        testLog(),
        {.newest = [&] { return recorded_.newest(); },
         .isOver = [&](std::uint64_t turn) { return recorded_.isOver(turn); },
         .underWay = [&](std::span<const ConversationId> of) { return recorded_.underWay(of); }},
        [] {}};
};

TEST_F(HeraldTest, WhatIsAskedForComesAfterWhatWasUnderWay) {
    const auto first = recorded_.begin({});
    const auto second = recorded_.begin({});
    bool told = false;
    herald_.republish(conversation_, [&] { told = true; });
    const auto third = recorded_.begin({});
    herald_.step();
    EXPECT_FALSE(told);
    recorded_.end(second);
    herald_.step();
    EXPECT_FALSE(told);
    recorded_.end(first);
    herald_.step();
    EXPECT_TRUE(told);
    recorded_.end(third);
}

// Two transactions are on disk, and nobody was told.
class UnderWayHeraldTest : public HeraldTest {
 protected:
    void SetUp() override {
        HeraldTest::SetUp();
        first_ = recorded_.begin({ConversationId::generate(), conversation_});
        second_ = recorded_.begin({conversation_});
        ASSERT_EQ(gateway_.post(conversation_, message("x")).recorded().seq(), 2U);
        ASSERT_EQ(gateway_.post(conversation_, message("y")).recorded().seq(), 3U);
        world_.broker().drain();
        observer_.subscribe({topics::filters::conversationOut(kSite, conversation_)});
        heard();
    }
    void steps() {
        for (int i = 0; i < 20; ++i) herald_.step();
    }
    // As the thread that announces does; between the two it does chores.
    void announce() {
        steps();
        tell(2);
        recorded_.end(first_);
        steps();
        tell(3);
        recorded_.end(second_);
    }

    RecordedQueue::Turn first_ = 0;
    RecordedQueue::Turn second_ = 0;
};

TEST_F(UnderWayHeraldTest, ARoundComesAfterIt) {
    herald_.connected();
    announce();
    EXPECT_FALSE(herald_.caughtUp());
    EXPECT_EQ(heard(), (std::vector<std::uint64_t>{2, 3}));
    steps();
    EXPECT_TRUE(herald_.caughtUp());
    EXPECT_EQ(heard(), std::vector<std::uint64_t>{3});
}

TEST_F(UnderWayHeraldTest, WhatWasMissedComesAfterIt) {
    announcer_.addMissed(std::span(&conversation_, 1));
    announce();
    steps();
    EXPECT_EQ(heard(), (std::vector<std::uint64_t>{2, 3, 3}));
}

TEST_F(UnderWayHeraldTest, WhatIsAskedForComesAfterWhatBeganSince) {
    bool told = false;
    recorded_.end(second_);
    herald_.republish(conversation_, [&] { told = true; });
    second_ = recorded_.begin({conversation_});
    announce();
    EXPECT_FALSE(told);
    steps();
    EXPECT_TRUE(told);
    EXPECT_EQ(heard(), (std::vector<std::uint64_t>{2, 3, 3}));
}

TEST_F(UnderWayHeraldTest, AnEntryIsClearedAfterIt) {
    Client agent(world_.broker(), "agent");
    agent.subscribe({"parlor/+/a/alice/c/+"});
    herald_.seen(topics::AssignedTo{kSite, kAlice, conversation_});
    announce();
    world_.broker().drain();
    EXPECT_THAT(agent.take(), IsEmpty());
    steps();
    world_.broker().drain();
    EXPECT_EQ(statesOf(agent.take()).size(), 1U);
}

// What was told has settled, and the record has come further: by a transaction of this process?
class SettledHeraldTest : public HeraldTest {
 protected:
    void SetUp() override {
        HeraldTest::SetUp();
        tell(1);
        turn_ = recorded_.begin({});
        ASSERT_EQ(gateway_.post(conversation_, message("x")).recorded().seq(), 2U);
        world_.broker().drain();
        observer_.subscribe({topics::filters::conversationOut(kSite, conversation_)});
        heard();
        ASSERT_TRUE(settle());
        EXPECT_THAT(heard(), IsEmpty()) << "published before what was on its way";
    }

    RecordedQueue::Turn turn_ = 0;
};

TEST_F(SettledHeraldTest, WhatThisProcessStillHadToTellIsNotPublishedTwice) {
    tell(2);
    recorded_.end(turn_);
    ASSERT_TRUE(settle());
    EXPECT_EQ(heard(), std::vector<std::uint64_t>{2});
}

TEST_F(SettledHeraldTest, WhatAnotherRecordedIsPublished) {
    recorded_.end(turn_);
    herald_.step();
    EXPECT_EQ(heard(), std::vector<std::uint64_t>{2});
}

}  // namespace
}  // namespace parlor::ledger::test
