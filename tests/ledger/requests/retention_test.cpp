// A ledger as it runs: what is older than it may be goes by itself, and nothing else.

#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/fault_store.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;

// On a busy machine too.
constexpr std::chrono::seconds kLimit{60};

class RetentionTest : public testing::Test {
 protected:
    World::Options options() {
        World::Options made;
        made.ledger.jobs.poll = std::chrono::milliseconds(5);
        made.ledger.jobs.retentionDays = 10;
        made.ledger.jobs.sweep = std::chrono::milliseconds(20);
        made.ledger.jobs.sweepRetry = std::chrono::milliseconds(20);
        made.wrapStore = [faults = faults_](Store& inner) {
            return std::make_unique<FaultStore>(inner, faults);
        };
        return made;
    }
    static ConversationId talk(World& world, Sender& gateway, bool closes) {
        const auto id = world.open(gateway);
        EXPECT_TRUE(gateway.post(id, message("words of long ago")).has_recorded());
        if (closes) {
            EXPECT_TRUE(gateway.post(id, close()).has_recorded());
        }
        return id;
    }
    // As if everything so far had happened so many days before.
    static void age(World& world, int days) {
        Poco::Data::Session session("SQLite", world.databasePath(), std::size_t{20});
        session << "UPDATE conversations SET opened_at = opened_at - " + std::to_string(days) +
                       " * 86400000, closed_at = MAX(0, closed_at - " + std::to_string(days) +
                       " * 86400000)",
            Poco::Data::Keywords::now;
    }
    static bool isGone(Sender& gateway, const ConversationId& id) {
        return gateway.history(id).failure().code() == v1::ERROR_CODE_NOT_FOUND;
    }

    const std::shared_ptr<StoreFaults> faults_ = std::make_shared<StoreFaults>();
};

TEST_F(RetentionTest, WhatWasClosedTooLongAgoGoesByItself) {
    World world(options());
    Sender gateway(world.broker());
    const auto old = talk(world, gateway, true);
    const auto open = talk(world, gateway, false);
    age(world, 2);
    const auto young = talk(world, gateway, true);
    age(world, 9);  // the first two are 11 days old now, the third 9
    EXPECT_TRUE(eventually([&] { return isGone(gateway, old); }, kLimit));
    // Nothing is left of it anywhere.
    Poco::Data::Session session("SQLite", world.databasePath());
    Poco::Int64 events = -1;
    session << "SELECT count(*) FROM events WHERE conversation NOT IN"
               " (SELECT id FROM conversations)",
        Poco::Data::Keywords::into(events), Poco::Data::Keywords::now;
    EXPECT_EQ(events, 0);
    EXPECT_EQ(gateway.history(open).history().head_seq(), 2U);
    EXPECT_EQ(gateway.history(young).history().head_seq(), 3U);
    age(world, 2);
    EXPECT_TRUE(eventually([&] { return isGone(gateway, young); }, kLimit));
    EXPECT_EQ(gateway.history(open).history().head_seq(), 2U);
}

TEST_F(RetentionTest, WithoutADatabaseItLooksAgainSoon) {
    auto hourly = options();
    hourly.ledger.jobs.sweep = std::chrono::hours(1);
    hourly.ledger.jobs.retentionDays = 0;
    World world(hourly);
    Sender gateway(world.broker());
    const auto one = talk(world, gateway, true);
    const auto two = talk(world, gateway, true);
    world.stopLedger();
    age(world, 11);

    auto failing = options();
    failing.ledger.jobs.sweep = std::chrono::hours(1);
    faults_->failLooking = 2;
    faults_->failRemoving = 1;
    FaultStore store(world.store(), faults_);
    const auto bus = world.broker().makeClient("ledger-again");
    Ledger ledger(failing.ledger, store, *bus, testLog());
    ledger.start();
    EXPECT_TRUE(eventually([&] { return ledger.subscribed(); }));
    EXPECT_TRUE(eventually([&] { return isGone(gateway, one) && isGone(gateway, two); }, kLimit));
    EXPECT_EQ(faults_->failLooking, 0);
    EXPECT_EQ(faults_->failRemoving, 0);
    ledger.stop(bus::Clock::now() + std::chrono::seconds(10));
}

}  // namespace
}  // namespace parlor::ledger::test
