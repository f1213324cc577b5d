// What is looked at once more after it was told, and when.

#include "ledger/announce/announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/world.h"

namespace parlor::ledger::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class AnnouncerTest : public testing::Test {
 protected:
    void SetUp() override {
        bus_->start({});
        broker_.drain();
    }
    void TearDown() override { bus_->stop(bus::Clock::now() + std::chrono::seconds(5)); }

    void tell(std::uint64_t seq) {
        announcer_.event(kSite, conversation_, v1::STREAM_SHARED, seq, "bytes", true);
    }
    std::vector<Announcer::Told> take(bus::Deadline now) { return announcer_.takeSettled(64, now); }

    const ConversationId conversation_ = ConversationId::generate();
    bus::MemoryBroker broker_;
    const std::unique_ptr<bus::Bus> bus_ = broker_.makeClient("ledger");
    Metrics metrics_;
    std::atomic<int> woken_{0};
    Announcer announcer_{*bus_, metrics_, true, [this] { ++woken_; }};
};

TEST_F(AnnouncerTest, WhatWasToldSettlesAfterAWhile) {
    EXPECT_FALSE(announcer_.nextSettled());
    tell(5);
    broker_.drain();
    EXPECT_EQ(woken_, 1);
    const auto at = announcer_.nextSettled();
    ASSERT_TRUE(at);
    EXPECT_THAT(take(*at - std::chrono::milliseconds(1)), IsEmpty());
    const auto settled = take(*at);
    ASSERT_THAT(settled, SizeIs(1));
    EXPECT_EQ(settled[0].conversation, conversation_);
    EXPECT_EQ(settled[0].shared.seq, 5U);
    EXPECT_FALSE(announcer_.nextSettled());
}

// A conversation where much is said is looked at once, when it has become quiet.
TEST_F(AnnouncerTest, WhoeverGoesOnSettlesLater) {
    tell(5);
    broker_.drain();
    const auto first = announcer_.nextSettled();
    ASSERT_TRUE(first);
    tell(6);
    EXPECT_THAT(take(*first), IsEmpty());
    broker_.drain();
    const auto settled = take(bus::Clock::now() + Announcer::kSettleTime);
    ASSERT_THAT(settled, SizeIs(1));
    EXPECT_EQ(settled[0].shared.seq, 6U);
    EXPECT_THAT(take(bus::Deadline::max()), IsEmpty());
}

// However often it becomes quiet, it is in line once.
TEST_F(AnnouncerTest, AConversationIsInLineOnce) {
    tell(5);
    broker_.drain();
    const auto first = announcer_.nextSettled();
    ASSERT_TRUE(first);
    for (std::uint64_t seq = 6; seq < 9; ++seq) {
        tell(seq);
        broker_.drain();
    }
    EXPECT_THAT(take(*first), IsEmpty());
    const auto last = announcer_.nextSettled();
    ASSERT_TRUE(last);
    const auto settled = take(*last);
    ASSERT_THAT(settled, SizeIs(1));
    EXPECT_EQ(settled[0].shared.seq, 8U);
    EXPECT_FALSE(announcer_.nextSettled());
    EXPECT_FALSE(announcer_.hasUnsettled());
}

TEST_F(AnnouncerTest, WhatIsPutBackSettlesWithWhatWasToldSince) {
    tell(5);
    broker_.drain();
    const auto taken = take(bus::Deadline::max());
    ASSERT_THAT(taken, SizeIs(1));
    EXPECT_FALSE(announcer_.putBack(taken[0]));
    announcer_.event(kSite, conversation_, v1::STREAM_STAFF, 2, "note", true);
    EXPECT_TRUE(announcer_.putBack(taken[0]));
    broker_.drain();
    const auto again = take(bus::Deadline::max());
    ASSERT_THAT(again, SizeIs(1));
    EXPECT_EQ(again[0].shared.seq, 5U);
    EXPECT_TRUE(again[0].isStill(v1::STREAM_SHARED, "bytes"));
    EXPECT_FALSE(again[0].isStill(v1::STREAM_SHARED, "other bytes"));
    EXPECT_EQ(again[0].staff.seq, 2U);
}

}  // namespace
}  // namespace parlor::ledger::test
