#include "ledger/requests/report.h"

#include <gtest/gtest.h>

namespace parlor::ledger {
namespace {

constexpr std::int64_t kHour = 3'600'000;

Digest digest(std::int64_t openedAt, std::int64_t assignedAfter, std::int64_t closedAfter,
              const std::string& agent = "alice") {
    Digest made;
    made.openedAtMs = openedAt;
    made.assignedAtMs = assignedAfter == 0 ? 0 : openedAt + assignedAfter;
    made.respondedAtMs = assignedAfter == 0 ? 0 : openedAt + assignedAfter + 10;
    made.closedAtMs = closedAfter == 0 ? 0 : openedAt + closedAfter;
    made.agent = assignedAfter == 0 ? std::string() : agent;
    made.visitorMessages = 2;
    made.agentMessages = 1;
    return made;
}

TEST(Report, FiguresOfEverything) {
    Report report(v1::ReportRequest::GROUP_UNSPECIFIED, 0);
    for (std::int64_t i = 1; i <= 10; ++i) report.add(digest(kHour, i * 100, i * 1000));
    report.add(digest(kHour, 0, 500));  // missed
    report.add(digest(kHour, 0, 0));    // still waits
    auto rated = digest(kHour, 100, 1000);
    rated.score = 4;
    report.add(rated);
    const auto rows = report.rows();
    ASSERT_EQ(rows.rows_size(), 1);
    const auto& row = rows.rows(0);
    EXPECT_EQ(row.conversations(), 13U);
    EXPECT_EQ(row.missed(), 1U);
    EXPECT_EQ(row.visitor_messages(), 26U);
    EXPECT_EQ(row.agent_messages(), 13U);
    EXPECT_EQ(row.wait().count(), 11U);
    EXPECT_EQ(row.wait().mean_ms(), 5600 / 11);
    EXPECT_EQ(row.wait().median_ms(), 500);
    EXPECT_EQ(row.wait().p90_ms(), 900);
    EXPECT_EQ(row.first_response().median_ms(), 510);
    EXPECT_EQ(row.handling().count(), 11U);
    EXPECT_EQ(row.ratings(), 1U);
    EXPECT_DOUBLE_EQ(row.mean_score(), 4.0);
}

TEST(Report, GroupsByAgentAndDayOfTheZone) {
    Report agents(v1::ReportRequest::GROUP_AGENT, 0);
    agents.add(digest(kHour, 1, 2, "bob"));
    agents.add(digest(kHour, 1, 2));
    agents.add(digest(kHour, 0, 2));
    ASSERT_EQ(agents.rows().rows_size(), 3);
    EXPECT_EQ(agents.rows().rows(0).key(), "");
    EXPECT_EQ(agents.rows().rows(1).key(), "alice");

    // Half past five in India is midnight in Greenwich.
    Report days(v1::ReportRequest::GROUP_DAY, 330);
    days.add(digest(100 * 24 * kHour, 1, 2));
    days.add(digest(100 * 24 * kHour + 20 * kHour, 1, 2));
    ASSERT_EQ(days.rows().rows_size(), 2);
    EXPECT_EQ(days.rows().rows(0).key(), std::to_string(100 * 24 * kHour - 5 * kHour - kHour / 2));
}

TEST(Report, GroupsByHourOfTheZone) {
    // In India an hour begins at half past in Greenwich.
    Report hours(v1::ReportRequest::GROUP_HOUR, 330);
    hours.add(digest(100 * kHour, 1, 2));
    hours.add(digest(100 * kHour + kHour / 4, 1, 2));
    hours.add(digest(100 * kHour + kHour / 2, 1, 2));
    ASSERT_EQ(hours.rows().rows_size(), 2);
    EXPECT_EQ(hours.rows().rows(0).key(), std::to_string(100 * kHour - kHour / 2));
    EXPECT_EQ(hours.rows().rows(0).conversations(), 2U);
    EXPECT_EQ(hours.rows().rows(1).key(), std::to_string(100 * kHour + kHour / 2));
}

TEST(Report, GroupsByDepartment) {
    Report departments(v1::ReportRequest::GROUP_DEPARTMENT, 0);
    for (const auto* name : {"sales", "general", "sales"}) {
        auto one = digest(kHour, 1, 2);
        one.department = name;
        departments.add(one);
    }
    ASSERT_EQ(departments.rows().rows_size(), 2);
    EXPECT_EQ(departments.rows().rows(0).key(), "general");
    EXPECT_EQ(departments.rows().rows(1).key(), "sales");
    EXPECT_EQ(departments.rows().rows(1).conversations(), 2U);
}

TEST(Report, NothingIsNoRow) {
    EXPECT_EQ(Report(v1::ReportRequest::GROUP_UNSPECIFIED, 0).rows().rows_size(), 0);
}

}  // namespace
}  // namespace parlor::ledger
