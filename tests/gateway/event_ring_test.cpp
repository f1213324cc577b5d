#include "gateway/mailbox/event_ring.h"

#include <gtest/gtest.h>

#include "tests/gateway/support/scripted_ledger.h"

namespace parlor::gateway::test {
namespace {

class EventRingTest : public testing::Test {
 protected:
    EventRef event(std::uint64_t seq, std::size_t bytes = 10) const {
        return std::make_shared<RenderedEvent>(
            makeEvent(conversation, seq, 1, std::string(bytes, 'x')));
    }
    std::vector<EventRef> events(std::uint64_t first, std::uint64_t last) const {
        std::vector<EventRef> all;
        for (; first <= last; ++first) all.push_back(event(first));
        return all;
    }
    std::string after(std::uint64_t seq) const {
        std::string text;
        for (const EventRef& one : ring.after(seq)) text += std::to_string(one->seq) + " ";
        return text;
    }
    const ConversationId conversation = ConversationId::generate();
    EventRing ring;
};

TEST_F(EventRingTest, HoldsTheNewest) {
    ring.restart(4);
    EXPECT_TRUE(ring.covers(4));
    EXPECT_FALSE(ring.covers(3));
    for (std::uint64_t seq = 5; seq <= 200; ++seq) ring.append(event(seq));
    EXPECT_EQ(ring.last(), 200U);
    EXPECT_TRUE(ring.covers(200 - EventRing::kMaxEvents));
    EXPECT_FALSE(ring.covers(200 - EventRing::kMaxEvents - 1));
    EXPECT_EQ(after(198), "199 200 ");
    EXPECT_EQ(after(200), "");
}

TEST_F(EventRingTest, BytesAreBoundedButTheNewestStays) {
    for (std::uint64_t seq = 1; seq <= 30; ++seq) ring.append(event(seq, 8000));
    EXPECT_FALSE(ring.covers(10));
    EXPECT_TRUE(ring.covers(20));
    ring.append(event(31, EventRing::kMaxBytes + 1));
    EXPECT_EQ(after(30), "31 ");
    EXPECT_FALSE(ring.covers(29));
}

TEST_F(EventRingTest, GrowsBackwards) {
    ring.restart(9);
    ring.append(event(10));
    const auto older = events(5, 9);
    ring.prepend(older);
    EXPECT_EQ(after(4), "5 6 7 8 9 10 ");
    ring.prepend(events(1, 3));  // does not reach up to what is held
    EXPECT_FALSE(ring.covers(3));
    ring.prepend(events(3, 12));  // overlaps
    EXPECT_EQ(after(2), "3 4 5 6 7 8 9 10 ");
    ring.restart(50);
    ring.prepend(events(49, 50));
    EXPECT_EQ(after(48), "49 50 ");
}

TEST_F(EventRingTest, GrowsBackwardsWhereOlderOnesHaveGone) {
    for (std::uint64_t seq = 1; seq <= 30; ++seq) ring.append(event(seq, 8000));
    ring.restart(100);
    for (std::uint64_t seq = 101; seq <= 100 + 3 * EventRing::kMaxEvents; ++seq) {
        ring.append(event(seq));
        EXPECT_EQ(ring.after(seq - 1).front()->seq, seq);
    }
    const auto last = ring.last();
    ring.append(event(last + 1, EventRing::kMaxBytes - 1000));  // most of the others go
    EXPECT_FALSE(ring.covers(last - 20));
    ring.prepend(events(last - 20, last));
    EXPECT_TRUE(ring.covers(last - 3));
    EXPECT_EQ(after(last - 2), std::to_string(last - 1) + " " + std::to_string(last) + " " +
                                   std::to_string(last + 1) + " ");
}

TEST_F(EventRingTest, GrowsBackwardsAsFarAsThereIsRoom) {
    ring.restart(199);
    ring.append(event(200));
    ring.prepend(events(1, 199));
    EXPECT_TRUE(ring.covers(200 - EventRing::kMaxEvents));
    EXPECT_FALSE(ring.covers(200 - EventRing::kMaxEvents - 1));
}

}  // namespace
}  // namespace parlor::gateway::test
