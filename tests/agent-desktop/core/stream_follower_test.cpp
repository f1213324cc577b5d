#include "agent-desktop/core/stream_follower.h"

#include <gmock/gmock.h>

#include <numeric>
#include <random>

namespace parlor::agent {
namespace {

using Next = StreamFollower::Next;
using Step = StreamFollower::Step;

v1::Event event(std::uint64_t seq, std::uint32_t epoch = 1) {
    v1::Event event;
    event.set_seq(seq);
    event.set_epoch(epoch);
    return event;
}

v1::HistoryResponse history(std::uint64_t from, std::uint64_t to, std::uint64_t head,
                            std::uint32_t epoch = 1) {
    v1::HistoryResponse response;
    response.set_epoch(epoch);
    response.set_head_seq(head);
    for (std::uint64_t seq = from; seq <= to; ++seq) *response.add_events() = event(seq, epoch);
    return response;
}

std::vector<std::uint64_t> shown(const Step& step) {
    std::vector<std::uint64_t> seqs;
    for (const auto& each : step.show) seqs.push_back(each.seq());
    return seqs;
}

using Seqs = std::vector<std::uint64_t>;

class StreamFollowerTest : public testing::Test {
 protected:
    StreamFollowerTest() { follower_.onHistory(history(1, 3, 3), 0); }
    StreamFollower follower_;  // has shown 1 … 3
};

TEST(StreamFollower, ShowsHistoryFromTheStart) {
    StreamFollower follower;
    const Step step = follower.onHistory(history(1, 3, 3), 0);
    EXPECT_EQ(shown(step), (Seqs{1, 2, 3}));
    EXPECT_EQ(step.next, Next::nothing);
    EXPECT_FALSE(step.restarted);
    EXPECT_EQ(follower.seq(), 3U);
    EXPECT_EQ(follower.epoch(), 1U);
}

TEST(StreamFollower, AsksForTheNextPageUntilTheHead) {
    StreamFollower follower;
    EXPECT_EQ(follower.onHistory(history(1, 2, 5), 0).next, Next::askHistory);
    EXPECT_EQ(follower.onHistory(history(3, 4, 5), 2).next, Next::askHistory);
    const Step last = follower.onHistory(history(5, 5, 5), 4);
    EXPECT_EQ(shown(last), (Seqs{5}));
    EXPECT_EQ(last.next, Next::nothing);
}

TEST(StreamFollower, KeepsEventsUntilHistoryHasAnswered) {
    StreamFollower follower;
    const Step early = follower.onEvent(event(4));
    EXPECT_TRUE(early.show.empty());
    EXPECT_EQ(early.next, Next::nothing);
    EXPECT_EQ(shown(follower.onHistory(history(1, 3, 3), 0)), (Seqs{1, 2, 3, 4}));
}

TEST(StreamFollower, DropsEarlyEventsOfAnotherEpoch) {
    StreamFollower follower;
    follower.onEvent(event(4, 1));
    const Step step = follower.onHistory(history(1, 3, 3, 2), 0);
    EXPECT_EQ(shown(step), (Seqs{1, 2, 3}));
    EXPECT_EQ(step.next, Next::nothing);
}

// As a ledger answers once its database was restored: the epoch in force is the answer's, and what
// was recorded before keeps that of its day.
TEST(StreamFollower, ShowsWhatWasRecordedInAnEarlierEpoch) {
    v1::HistoryResponse mixed = history(1, 3, 4, 1);
    mixed.set_epoch(2);
    *mixed.add_events() = event(4, 2);
    StreamFollower follower;
    follower.onEvent(event(3, 1));  // the retained one
    const Step step = follower.onHistory(mixed, 0);
    EXPECT_EQ(shown(step), (Seqs{1, 2, 3, 4}));
    EXPECT_EQ(step.next, Next::nothing);
    EXPECT_EQ(shown(follower.onEvent(event(5, 2))), (Seqs{5}));
}

TEST_F(StreamFollowerTest, HistorysWordCountsMoreThanWhatLiesAhead) {
    v1::Event other = event(5);
    other.mutable_message()->set_text("ahead");
    follower_.onEvent(other);
    const Step step = follower_.onHistory(history(4, 5, 5), 3);
    ASSERT_EQ(shown(step), (Seqs{4, 5}));
    EXPECT_FALSE(step.show[1].has_message());
}

TEST_F(StreamFollowerTest, ShowsTheNext) {
    const Step step = follower_.onEvent(event(4));
    EXPECT_EQ(shown(step), (Seqs{4}));
    EXPECT_EQ(step.next, Next::nothing);
}

TEST_F(StreamFollowerTest, DropsWhatWasShown) {
    for (const std::uint64_t seq : {1U, 3U}) {
        const Step step = follower_.onEvent(event(seq));
        EXPECT_TRUE(step.show.empty());
        EXPECT_EQ(step.next, Next::nothing);
    }
    EXPECT_TRUE(follower_.onHistory(history(1, 3, 3), 0).show.empty());
}

TEST_F(StreamFollowerTest, WaitsAtAGapAndShowsInOrderWhenItCloses) {
    EXPECT_EQ(follower_.onEvent(event(6)).next, Next::waitForGap);
    EXPECT_EQ(follower_.onEvent(event(5)).next, Next::waitForGap);
    EXPECT_TRUE(follower_.hasGap());
    const Step step = follower_.onEvent(event(4));
    EXPECT_EQ(shown(step), (Seqs{4, 5, 6}));
    EXPECT_EQ(step.next, Next::nothing);
    EXPECT_FALSE(follower_.hasGap());
}

TEST_F(StreamFollowerTest, HistoryFillsTheGap) {
    follower_.onEvent(event(6));
    EXPECT_EQ(shown(follower_.onHistory(history(4, 6, 6), 3)), (Seqs{4, 5, 6}));
}

TEST_F(StreamFollowerTest, AHistoryWithAHoleIsAskedAgainLater) {
    v1::HistoryResponse holed = history(5, 6, 6);
    const Step step = follower_.onHistory(holed, 3);
    EXPECT_TRUE(step.show.empty());
    EXPECT_EQ(step.next, Next::retryHistory);
}

TEST_F(StreamFollowerTest, AnEventOfAnotherEpochIsOnlyAReasonToAsk) {
    for (const std::uint32_t epoch : {2U, 7U}) {
        const Step step = follower_.onEvent(event(4, epoch));
        EXPECT_TRUE(step.show.empty());
        EXPECT_FALSE(step.restarted);
        EXPECT_EQ(step.next, Next::askHistory);
    }
    // History knows of no other epoch: that was a stale retained event, and all goes on.
    EXPECT_FALSE(follower_.onHistory(history(4, 3, 3), 3).restarted);
    EXPECT_EQ(shown(follower_.onEvent(event(4))), (Seqs{4}));
}

TEST_F(StreamFollowerTest, StartsOverWhenHistoryHasAnotherEpoch) {
    follower_.onEvent(event(6));
    const Step first = follower_.onHistory(history(4, 4, 4, 2), 3);
    EXPECT_TRUE(first.restarted);
    EXPECT_TRUE(first.show.empty()) << "what continues an old record must not be shown";
    EXPECT_EQ(first.next, Next::askHistory);
    const Step second = follower_.onHistory(history(1, 4, 4, 2), 0);
    EXPECT_FALSE(second.restarted);
    EXPECT_EQ(shown(second), (Seqs{1, 2, 3, 4}));
    EXPECT_EQ(second.next, Next::nothing) << "events ahead of the old epoch are gone";
}

// Whatever the order, the repeats and the losses: shown once, in order, without a hole.
TEST(StreamFollower, ShowsEveryEventOnceAndInOrderWhateverComes) {
    std::mt19937 random(4711);
    for (int round = 0; round < 200; ++round) {
        StreamFollower follower;
        Seqs seen;
        std::uint64_t head = 1 + random() % 5;
        const auto take = [&](const Step& step) {
            for (const auto& each : step.show) seen.push_back(each.seq());
            return step.next;
        };
        const auto ask = [&] {
            for (int page = 0; page < 100; ++page) {
                const std::uint64_t after = follower.seq();
                const std::uint64_t to = std::min<std::uint64_t>(head, after + 1 + random() % 3);
                if (take(follower.onHistory(history(after + 1, to, head), after)) !=
                    Next::askHistory) {
                    return;
                }
            }
            FAIL() << "history never ends";
        };
        ask();
        for (int step = 0; step < 40; ++step) {
            if (random() % 3 == 0) ++head;
            const std::uint64_t seq = 1 + random() % head;
            if (take(follower.onEvent(event(seq))) == Next::waitForGap && random() % 4 == 0) ask();
        }
        ask();
        Seqs all(head);
        std::iota(all.begin(), all.end(), 1);
        ASSERT_EQ(seen, all) << "round " << round;
    }
}

}  // namespace
}  // namespace parlor::agent
