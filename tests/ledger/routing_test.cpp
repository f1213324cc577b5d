// Who gets what: the routings, priorities, skills, capacity and rounds. And when a department is
// open.

#include "ledger/dispatch/routing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "ledger/directory/opening_hours.h"
#include "tests/ledger/world.h"

namespace parlor::ledger::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RoutingTest : public testing::Test {
 protected:
    // One that waits, the later the younger.
    Conversation& wait(std::uint32_t priority = 0) {
        rows_.push_back(std::make_unique<Conversation>(
            Conversation{.id = ConversationId::generate(),
                         .site = kSite,
                         .department = *DepartmentId::parse("general"),
                         .agent = {},
                         .priority = priority,
                         .shared = {},
                         .staff = {},
                         .visitorName = {},
                         .preview = {},
                         .waitingSinceMs = static_cast<std::int64_t>(rows_.size()) + 1}));
        return *rows_.back();
    }
    Candidate& offer(const AgentId& id, std::uint32_t capacity, std::uint32_t load = 0) {
        candidates_.push_back({.id = id, .capacity = capacity, .load = load});
        return candidates_.back();
    }
    // "row agent", where rows count from 1.
    std::vector<std::string> matches(v1::Routing routing, std::int64_t nowMs = 1000) {
        profile_.set_routing(routing);
        std::vector<Waiting> waiting;
        for (const auto& row : rows_) waiting.push_back({row.get(), &profile_, servedBy_});
        std::vector<std::string> found;
        for (const auto& match : route(waiting, candidates_, nowMs)) {
            found.push_back(std::to_string(match.row->waitingSinceMs) + " " + match.agent.str());
        }
        return found;
    }

    v1::DepartmentProfile profile_ = department("general");
    std::vector<std::unique_ptr<Conversation>> rows_;
    std::vector<Candidate> candidates_;
    std::optional<AgentId> servedBy_;
};

TEST_F(RoutingTest, TheOldestOfTheHighestPriorityComesFirst) {
    wait();
    wait(1);
    wait(1);
    offer(kAlice, 2);
    EXPECT_THAT(matches(v1::ROUTING_LEAST_BUSY), ElementsAre("2 alice", "3 alice"));
}

TEST_F(RoutingTest, LeastBusyGoesByTheShareOfTheCapacity) {
    for (int i = 0; i < 3; ++i) wait();
    offer(kAlice, 4, 2);
    offer(kBob, 10, 4);
    EXPECT_THAT(matches(v1::ROUTING_LEAST_BUSY), ElementsAre("1 bob", "2 alice", "3 bob"));
}

TEST_F(RoutingTest, LongestIdleGoesByTheLastTimeSomethingWasGiven) {
    wait();
    wait();
    wait();
    offer(kAlice, 5, 0).givenAtMs = 20;
    offer(kBob, 5, 4).givenAtMs = 10;
    EXPECT_THAT(matches(v1::ROUTING_LONGEST_IDLE), ElementsAre("1 bob", "2 alice", "3 alice"));
}

TEST_F(RoutingTest, StickyPrefersWhoServedLastWhileThereIsRoom) {
    wait();
    wait();
    servedBy_ = kBob;
    offer(kAlice, 5);
    offer(kBob, 1);
    EXPECT_THAT(matches(v1::ROUTING_STICKY), ElementsAre("1 bob", "2 alice"));
}

TEST_F(RoutingTest, SkillsAndDepartmentsDecideWhoFits) {
    wait();
    profile_.add_skills("french");
    auto seller = agent(kAlice);
    seller.add_skills("french");
    auto elsewhere = seller;
    elsewhere.add_departments("sales");
    auto unskilled = agent(kCarol);
    offer(kBob, 5).profile = &elsewhere;
    offer(kCarol, 5).profile = &unskilled;
    EXPECT_THAT(matches(v1::ROUTING_LEAST_BUSY), IsEmpty());
    offer(kAlice, 5).profile = &seller;
    EXPECT_THAT(matches(v1::ROUTING_LEAST_BUSY), ElementsAre("1 alice"));
    seller.set_disabled(true);
    EXPECT_THAT(matches(v1::ROUTING_LEAST_BUSY), IsEmpty());
}

TEST_F(RoutingTest, WhoDeclinedIsAskedAgainInTheNextRoundOnly) {
    auto& row = wait();
    row.declined = {kAlice};
    row.nextRoundMs = 2000;
    offer(kAlice, 5);
    EXPECT_THAT(matches(v1::ROUTING_LEAST_BUSY, 1999), IsEmpty());
    EXPECT_THAT(matches(v1::ROUTING_LEAST_BUSY, 2000), ElementsAre("1 alice"));
    offer(kBob, 5, 4);
    EXPECT_THAT(matches(v1::ROUTING_LEAST_BUSY, 2000), ElementsAre("1 bob"));
}

TEST_F(RoutingTest, AnyoneWhoWaitsGetsWhoeverIsFree) {
    wait(1);
    wait();
    profile_.add_skills("french");
    auto plain = department("general");
    plain.set_routing(v1::ROUTING_LEAST_BUSY);
    offer(kAlice, 1);
    profile_.set_routing(v1::ROUTING_LEAST_BUSY);
    const auto found =
        route({{rows_[0].get(), &profile_, {}}, {rows_[1].get(), &plain, {}}}, candidates_, 1000);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].row, rows_[1].get());
}

// 2026-11-25 is a Wednesday.
constexpr std::int64_t kWednesdayNoonUtc = 1795608000000;
constexpr std::int64_t kHour = 3'600'000;

v1::DepartmentProfile openOn(std::uint32_t weekday, std::uint32_t fromHour, std::uint32_t untilHour,
                             const std::string& zone) {
    v1::DepartmentProfile made;
    made.set_time_zone(zone);
    auto& time = *made.add_hours();
    time.set_weekday(weekday);
    time.set_from_minute(fromHour * 60);
    time.set_until_minute(untilHour * 60);
    return made;
}

TEST(OpeningHoursTest, WithoutHoursItIsAlwaysOpen) {
    EXPECT_TRUE(OpeningHours().isOpen(kWednesdayNoonUtc));
    EXPECT_TRUE(OpeningHours(v1::DepartmentProfile()).isOpen(0));
}

TEST(OpeningHoursTest, FromTheFirstMinuteToTheLast) {
    const OpeningHours hours(openOn(3, 12, 13, ""));
    EXPECT_FALSE(hours.isOpen(kWednesdayNoonUtc - 1));
    EXPECT_TRUE(hours.isOpen(kWednesdayNoonUtc));
    EXPECT_TRUE(hours.isOpen(kWednesdayNoonUtc + kHour - 1));
    EXPECT_FALSE(hours.isOpen(kWednesdayNoonUtc + kHour));
    EXPECT_FALSE(hours.isOpen(kWednesdayNoonUtc + 24 * kHour));
    EXPECT_TRUE(hours.isOpen(kWednesdayNoonUtc + 7 * 24 * kHour));
}

TEST(OpeningHoursTest, InTheDepartmentsOwnTimeZone) {
    const OpeningHours shanghai(openOn(4, 0, 1, "Asia/Shanghai"));  // UTC+8, on the next day
    EXPECT_TRUE(shanghai.isOpen(kWednesdayNoonUtc + 4 * kHour));
    EXPECT_FALSE(shanghai.isOpen(kWednesdayNoonUtc + 3 * kHour));
    // Winter and summer time: 9:00 in Berlin is 8:00 UTC in November and 7:00 UTC in July.
    const OpeningHours berlin(openOn(3, 9, 10, "Europe/Berlin"));
    EXPECT_TRUE(berlin.isOpen(kWednesdayNoonUtc - 4 * kHour));
    EXPECT_FALSE(berlin.isOpen(kWednesdayNoonUtc - 5 * kHour));
    constexpr std::int64_t kWednesdayInJuly = 1784116800000;  // 2026-07-15T12:00:00Z
    EXPECT_TRUE(berlin.isOpen(kWednesdayInJuly - 5 * kHour));
    EXPECT_FALSE(berlin.isOpen(kWednesdayInJuly - 4 * kHour));
}

TEST(OpeningHoursTest, KnowsWhichTimeZonesThereAre) {
    EXPECT_TRUE(OpeningHours::isTimeZone("Asia/Shanghai"));
    EXPECT_TRUE(OpeningHours::isTimeZone("UTC"));
    EXPECT_FALSE(OpeningHours::isTimeZone("Mars/Olympus"));
    EXPECT_TRUE(OpeningHours(openOn(3, 12, 13, "Mars/Olympus")).isOpen(kWednesdayNoonUtc));
}

}  // namespace
}  // namespace parlor::ledger::test
