// The units of deploy/systemd leave the programs what their defaults need.

#include <Poco/AutoPtr.h>
#include <Poco/Util/PropertyFileConfiguration.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "gateway/config.h"
#include "tests/support/temp_dir.h"

namespace parlor::test {
namespace {

long number(const std::string& unit, const std::string& name) {
    const auto text = readFile(PARLOR_SOURCE_DIR "/deploy/systemd/" + unit);
    std::smatch found;
    if (!std::regex_search(text, found, std::regex("\n" + name + "=(\\d+)\n"))) return -1;
    return std::stol(found[1]);
}

TEST(Units, TheGatewaysLimitsAreAboveItsDefaults) {
    const TempDir dir;
    std::istringstream in("token.keyFile = " +
                          dir.write("keys", "k1:" + std::string(64, '6') + "\n"));
    const Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> file(
        new Poco::Util::PropertyFileConfiguration(in));
    const auto config = gateway::readConfig(*file);
    const auto connections = static_cast<long>(config.edge.maxConnections * config.shards);
    EXPECT_GT(number("parlor-gateway@.service", "LimitNOFILE"), connections + 100);
    EXPECT_GT(number("parlor-gateway@.service", "TimeoutStopSec"), config.drain.count());
}

}  // namespace
}  // namespace parlor::test
