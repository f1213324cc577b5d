// Whether a bench fails.

#include "bench/support/report.h"

#include <gtest/gtest.h>

#include <limits>

namespace parlor::bench {
namespace {

struct End {
    int code;
    std::string said;
};

End endOf(const Report& report) {
    testing::internal::CaptureStderr();
    const int code = report.exitCode();
    return {code, testing::internal::GetCapturedStderr()};
}

TEST(ReportTest, WhatWasMeasuredAsPromisedSucceeds) {
    Report report;
    Latencies latencies;
    latencies.add(std::chrono::milliseconds(2));
    report.setLatencies("paced", latencies);
    report.set("polls", 95000, "");
    report.require(true, "95000 polls are parked at once");
    const auto [code, said] = endOf(report);
    EXPECT_EQ(code, 0);
    EXPECT_EQ(said, "");
}

TEST(ReportTest, ABrokenPromiseIsNamed) {
    Report report;
    report.set("polls", 94999, "");
    report.require(false, "95000 polls are parked at once");
    const auto [code, said] = endOf(report);
    EXPECT_EQ(code, 1);
    EXPECT_EQ(said, "not so: 95000 polls are parked at once\n");
}

TEST(ReportTest, WhatWasNotMeasuredIsNamed) {
    Report report("_sqlite");
    report.setLatencies("chat", {});
    report.set("ratio", std::numeric_limits<double>::quiet_NaN(), "");
    report.set("cpu", std::numeric_limits<double>::infinity(), "us");
    const auto [code, said] = endOf(report);
    EXPECT_EQ(code, 1);
    EXPECT_EQ(said,
              "not measured: chat_sqlite\nnot measured: ratio_sqlite\nnot measured: cpu_sqlite\n");
}

TEST(ReportTest, NothingAtAll) {
    const auto [code, said] = endOf(Report());
    EXPECT_EQ(code, 1);
    EXPECT_EQ(said, "nothing was measured\n");
}

}  // namespace
}  // namespace parlor::bench
