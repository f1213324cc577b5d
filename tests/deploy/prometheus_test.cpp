// What deploy/prometheus names is on the pages that the programs show.

#include <gmock/gmock.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "gateway/edge/metrics_page.h"
#include "ledger/metrics/metrics.h"
#include "tests/support/temp_dir.h"

namespace parlor::test {
namespace {

using testing::IsEmpty;
using testing::Not;

std::string file(const std::string& name) {
    return readFile(PARLOR_SOURCE_DIR "/deploy/prometheus/" + name);
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
    const std::regex regex(pattern);
    std::set<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match) {
        found.insert(match->str(match->size() > 1 ? 1 : 0));
    }
    return found;
}

// Both programs' series, a line each.
std::string pages() {
    const gateway::Stats stats;
    return gateway::metricsPage({&stats}) + ledger::Metrics().text();
}

// `reason="a"` or `reason=~"a|b"`: each alternative, as a page writes it.
std::vector<std::string> labelsOf(const std::string& matcher) {
    static const std::regex kMatcher(R"((\w+)=~?"([^"]*)\")");
    std::smatch parts;
    EXPECT_TRUE(std::regex_match(matcher, parts, kMatcher)) << matcher;
    std::vector<std::string> labels;
    for (const auto& value : matches(parts[2], "[^|]+")) {
        labels.push_back(parts[1].str() + "=\"" + value + "\"");
    }
    return labels;
}

TEST(Alerts, EveryMetricIsThere) {
    const auto page = pages();
    const auto names = matches(file("alerts.yml"), R"((?:parlor|process)_\w+)");
    EXPECT_THAT(names, Not(IsEmpty()));
    for (const auto& name : names) {
        EXPECT_TRUE(std::regex_search(page, std::regex("(^|\n)" + name + "[ {]"))) << name;
    }
}

TEST(Alerts, EveryLabelIsThere) {
    const auto page = pages();
    const auto selectors = matches(file("alerts.yml"), R"(parlor_\w+\{[^}]*\})");
    EXPECT_THAT(selectors, Not(IsEmpty()));
    for (const auto& selector : selectors) {
        const auto brace = selector.find('{');
        const auto inside = selector.substr(brace + 1, selector.size() - brace - 2);
        for (const auto& label : labelsOf(inside)) {
            EXPECT_NE(page.find(selector.substr(0, brace + 1) + label), std::string::npos)
                << selector << " " << label;
        }
    }
}

TEST(Alerts, EveryJobIsScraped) {
    const auto scraped = matches(file("prometheus.yml"), R"(job_name: ([\w-]+))");
    EXPECT_EQ(matches(file("alerts.yml"), R"rx(job="([\w-]+)")rx"), scraped);
}

}  // namespace
}  // namespace parlor::test
