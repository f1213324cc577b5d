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

TEST(HeraldTest, WhatIsAskedForComesAfterWhatWasUnderWay) {
    World world;
    Sender gateway(world.broker());
    const auto conversation = world.open(gateway);
    const auto bus = world.broker().makeClient("herald");
    bus->start({});
    Metrics metrics;
    Announcer announcer(*bus, metrics, false, [] {});
    RecordedQueue recorded(1);
    Herald herald({}, world.store().makeReader(), announcer, testLog(),
                  {.newest = [&] { return recorded.newest(); },
                   .isOver = [&](std::uint64_t turn) { return recorded.isOver(turn); }},
                  [] {});
    herald.connected();
    ASSERT_TRUE(eventually([&] {
        herald.step();
        return herald.caughtUp();
    }));

    const auto first = recorded.begin();
    const auto second = recorded.begin();
    bool told = false;
    herald.republish(conversation, [&] { told = true; });
    const auto third = recorded.begin();
    herald.step();
    EXPECT_FALSE(told);
    recorded.end(second);
    herald.step();
    EXPECT_FALSE(told);
    recorded.end(first);
    herald.step();
    EXPECT_TRUE(told);
    recorded.end(third);
    bus->stop(bus::Clock::now() + std::chrono::seconds(5));
}

}  // namespace
}  // namespace parlor::ledger::test
