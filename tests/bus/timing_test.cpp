#include <gtest/gtest.h>

#include <set>

#include "bus/backoff.h"
#include "bus/deadlines.h"
#include "bus/doorbell.h"
#include "bus/inbox.h"
#include "bus/stall_watch.h"

namespace parlor::bus {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, IsFullJitterUnderADoublingLimit) {
    for (int run = 0; run < 200; ++run) {
        Backoff backoff(milliseconds(100), milliseconds(1000));
        for (const auto limit : {100, 200, 400, 800, 1000, 1000}) {
            const auto pause = backoff.next();
            EXPECT_GE(pause, milliseconds(0));
            EXPECT_LE(pause, milliseconds(limit));
        }
        backoff.reset();
        EXPECT_LE(backoff.next(), milliseconds(100));
    }
}

TEST(Backoff, UsesTheWholeRange) {
    milliseconds least(1000);
    milliseconds most(0);
    for (int i = 0; i < 2000; ++i) {
        Backoff backoff(milliseconds(1000), milliseconds(1000));
        const auto pause = backoff.next();
        least = std::min(least, pause);
        most = std::max(most, pause);
    }
    EXPECT_LT(least, milliseconds(100));
    EXPECT_GT(most, milliseconds(900));
}

TEST(Deadlines, AreDueInOrder) {
    const auto start = Clock::now();
    Deadlines deadlines;
    EXPECT_FALSE(deadlines.next());
    deadlines.add(start + milliseconds(3), 3);
    deadlines.add(start + milliseconds(1), 1);
    deadlines.add(start + milliseconds(2), 2);
    EXPECT_EQ(deadlines.next(), start + milliseconds(1));
    EXPECT_FALSE(deadlines.takeDue(start));
    EXPECT_EQ(deadlines.takeDue(start + milliseconds(2)), 1U);
    EXPECT_EQ(deadlines.takeDue(start + milliseconds(2)), 2U);
    EXPECT_FALSE(deadlines.takeDue(start + milliseconds(2)));
    EXPECT_EQ(deadlines.next(), start + milliseconds(3));
}

TEST(Deadlines, ForgetOperationsThatAreOver) {
    const auto start = Clock::now();
    Deadlines deadlines;
    for (std::uint64_t id = 0; id < 10'000; ++id) {
        deadlines.add(start + milliseconds(10'000 - id), id);
    }
    const std::set<std::uint64_t> alive{7, 77};
    deadlines.compact(alive.size(), [&](auto id) { return alive.contains(id); });
    EXPECT_EQ(deadlines.takeDue(start + milliseconds(10'000)), 77U);
    EXPECT_EQ(deadlines.takeDue(start + milliseconds(10'000)), 7U);
    EXPECT_FALSE(deadlines.takeDue(start + milliseconds(10'000)));
}

TEST(StallWatch, SuspectsAfterPausesThatDouble) {
    const auto start = Clock::now();
    StallWatch watch;
    EXPECT_FALSE(watch.isStalled(false, 0, start));
    EXPECT_FALSE(watch.next());
    EXPECT_FALSE(watch.isStalled(true, 0, start));
    EXPECT_EQ(watch.next(), start + milliseconds(2));
    EXPECT_FALSE(watch.isStalled(true, 0, start + milliseconds(1)));
    EXPECT_TRUE(watch.isStalled(true, 0, start + milliseconds(2)));
    EXPECT_FALSE(watch.isStalled(true, 0, start + milliseconds(5)));
    EXPECT_TRUE(watch.isStalled(true, 0, start + milliseconds(6)));
    EXPECT_EQ(watch.next(), start + milliseconds(14));
    EXPECT_FALSE(watch.isStalled(true, 1, start + milliseconds(14))) << "an answer has come";
    EXPECT_EQ(watch.next(), start + milliseconds(16));
    EXPECT_FALSE(watch.isStalled(false, 2, start + milliseconds(20)));
    EXPECT_FALSE(watch.next());
}

TEST(Inbox, GivesAllInOrderAndNothingAfterItsEnd) {
    int woken = 0;
    Inbox<int> inbox([&] { ++woken; });
    std::vector<int> out{9};
    inbox.take(out);
    EXPECT_TRUE(out.empty());
    EXPECT_TRUE(inbox.push(1));
    EXPECT_TRUE(inbox.push(2));
    EXPECT_EQ(woken, 1);
    inbox.take(out);
    EXPECT_EQ(out, (std::vector{1, 2}));
    EXPECT_TRUE(inbox.push(3));
    EXPECT_EQ(woken, 2);
    EXPECT_EQ(inbox.close(), std::vector{3});
    EXPECT_FALSE(inbox.push(4));
    EXPECT_EQ(woken, 2);
}

TEST(Doorbell, EndsTheWaitAndIsSilentAgain) {
    Doorbell bell;
    bell.ring();
    bell.ring();
    const auto ready = bell.wait(-1, false, {});
    EXPECT_FALSE(ready.readable);
    EXPECT_FALSE(ready.writable);
    const auto limit = Clock::now() + milliseconds(5);
    bell.wait(-1, false, limit);
    EXPECT_GE(Clock::now(), limit);
}

}  // namespace
}  // namespace parlor::bus
