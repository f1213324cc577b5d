#include "gateway/mailbox/timer_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;

class TimerWheelTest : public testing::Test {
 protected:
    void advance(Duration duration) {
        now += duration;
        wheel.advance();
    }
    Time now = Time{} + 1h;
    TimerWheel wheel{[this] { return now; }};
    int fired = 0;
    Timer timer{[this] { ++fired; }};
};

TEST_F(TimerWheelTest, FiresOnceNotBeforeItsTimeAndATickLateAtMost) {
    wheel.arm(timer, 105ms);
    advance(104ms);
    EXPECT_EQ(fired, 0);
    advance(1ms + TimerWheel::kTick);
    EXPECT_EQ(fired, 1);
    EXPECT_FALSE(timer.armed());
    advance(1h);
    EXPECT_EQ(fired, 1);
}

TEST_F(TimerWheelTest, ReachesBeyondOneTurn) {
    wheel.arm(timer, 60s);
    for (int i = 0; i < 599; ++i) advance(100ms);
    EXPECT_EQ(fired, 0);
    advance(100ms + TimerWheel::kTick);
    EXPECT_EQ(fired, 1);
}

TEST_F(TimerWheelTest, ALongPauseFiresAllThatIsDueAndNothingElse) {
    Timer later{[this] { fired += 100; }};
    wheel.arm(timer, 5s);
    wheel.arm(later, 1000s);
    advance(500s);
    EXPECT_EQ(fired, 1);
    advance(501s);
    EXPECT_EQ(fired, 101);
}

TEST_F(TimerWheelTest, CancelledMovedAndPast) {
    wheel.arm(timer, 50ms);
    timer.cancel();
    advance(1s);
    EXPECT_EQ(fired, 0);
    wheel.arm(timer, 50ms);
    wheel.arm(timer, 200ms);
    advance(100ms);
    EXPECT_EQ(fired, 0);
    advance(100ms + TimerWheel::kTick);
    EXPECT_EQ(fired, 1);
    wheel.arm(timer, now - 1s);
    advance(TimerWheel::kTick);
    EXPECT_EQ(fired, 2);
}

TEST_F(TimerWheelTest, TimersMayRearmAndDestroyEachOther) {
    auto victim = std::make_unique<Timer>([this] { fired += 1000; });
    Timer killer{[&] {
        ++fired;
        victim.reset();
    }};
    Timer* self = nullptr;
    Timer again{[&] {
        ++fired;
        wheel.arm(*self, 10ms);
    }};
    self = &again;
    wheel.arm(killer, 10ms);
    wheel.arm(*victim, 10ms);
    wheel.arm(again, 10ms);
    advance(30ms);
    EXPECT_EQ(fired, 2);
    advance(30ms);
    EXPECT_EQ(fired, 3);
}

TEST_F(TimerWheelTest, ManyAtRandom) {
    std::mt19937 random(7);
    struct One {
        Time due;
        Time at{};
        std::unique_ptr<Timer> timer;
    };
    std::vector<One> all(2000);
    for (One& one : all) {
        one.due = now + std::chrono::milliseconds(random() % 40000);
        one.timer = std::make_unique<Timer>([this, &one] { one.at = now; });
        wheel.arm(*one.timer, one.due);
    }
    while (now < Time{} + 1h + 41s) advance(std::chrono::milliseconds(1 + random() % 30));
    for (const One& one : all) {
        EXPECT_GE(one.at, one.due);
        EXPECT_LE(one.at - one.due, 45ms);  // a tick, and the longest step
    }
}

}  // namespace
}  // namespace parlor::gateway::test
