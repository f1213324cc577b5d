// docker-compose.yml and deploy/docker fit the programs and each other. No engine is needed.

#include <Poco/AutoPtr.h>
#include <Poco/Util/PropertyFileConfiguration.h>
#include <gmock/gmock.h>

#include <boost/asio/ip/address.hpp>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "gateway/config.h"
#include "ledger/app/config.h"
#include "tests/support/temp_dir.h"

namespace parlor::test {
namespace {

using testing::IsEmpty;
using testing::IsSubsetOf;
using testing::Not;

const std::string kSource = PARLOR_SOURCE_DIR "/";

std::set<std::string> matches(const std::string& text, const char* pattern) {
    const std::regex regex(pattern);
    std::set<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match) {
        found.insert(match->str(1));
    }
    return found;
}

std::string match(const std::string& text, const char* pattern) {
    const auto found = matches(text, pattern);
    return found.size() == 1 ? *found.begin() : std::string();
}

class Compose : public testing::Test {
 protected:
    // With /secrets in the temporary directory.
    Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> properties(const std::string& name) const {
        std::istringstream in(std::regex_replace(readFile(kSource + "deploy/docker/" + name),
                                                 std::regex("/secrets/\\w+"),
                                                 dir_.path().string()));
        return new Poco::Util::PropertyFileConfiguration(in);
    }

    const TempDir dir_;
    const std::string keys_ = dir_.write("token.key", "k1:" + std::string(64, '6') + "\n");
    const std::string passwords_ = dir_.write("gateway.password", "secret\n") +
                                   dir_.write("ledger.password", "secret\n") +
                                   dir_.write("database.url", "sqlite:///x.db\n");
    const std::string compose_ = readFile(kSource + "docker-compose.yml");
    const std::string dockerfile_ = readFile(kSource + "deploy/Dockerfile");
};

TEST_F(Compose, TheGatewayTakesItsConfiguration) {
    const auto config = gateway::readConfig(*properties("gateway.properties"));
    EXPECT_EQ(config.brokerPassword, "secret");
    const auto balancer = match(compose_, "ipv4_address: ([0-9.]+)");
    ASSERT_EQ(config.edge.trustedProxies.size(), 1U);
    EXPECT_TRUE(config.edge.trustedProxies[0].contains(boost::asio::ip::make_address(balancer)));

    const auto service = compose_.substr(compose_.find("\n  gateway:"));
    const auto files = std::stoul(
        "0" + match(service.substr(0, service.find("\n  balancer:")), R"(nofile: (\d+))"));
    EXPECT_GT(files, config.edge.maxConnections * config.shards + 100);
    EXPECT_GT(std::stol("0" + match(compose_, R"(stop_grace_period: (\d+)s)")),
              config.drain.count());
}

TEST_F(Compose, TheLedgerTakesItsConfiguration) {
    const auto config = ledger::Config::read(*properties("ledger.properties"));
    ASSERT_TRUE(config) << config.error().text;
    EXPECT_EQ(config->broker.password, "secret");
    // It does not refuse keys that it does not know.
    const auto* keys = R"((?:^|\n)#?([a-z]+\.\w+) =)";
    EXPECT_THAT(matches(readFile(kSource + "deploy/docker/ledger.properties"), keys),
                IsSubsetOf(matches(readFile(kSource + "ledger/ledger.properties.example"), keys)));
}

TEST_F(Compose, ImagesAreMadeOfWhatIsThere) {
    auto sources = matches(dockerfile_, R"(\nCOPY ([^-\n][^\n]*) \S+(?=\n))");
    EXPECT_THAT(sources, Not(IsEmpty()));
    sources.merge(matches(compose_, R"(\./(\S+?):)"));
    for (const auto& names : sources) {
        std::istringstream each(names);
        for (std::string name; each >> name;) {
            EXPECT_TRUE(std::filesystem::exists(kSource + name)) << name;
        }
    }
}

TEST_F(Compose, EveryServiceHasItsTarget) {
    const auto overlay = readFile(kSource + "deploy/docker/postgresql.yml");
    const auto targets = matches(compose_ + overlay, R"(target: (\w+))");
    EXPECT_THAT(targets, Not(IsEmpty()));
    EXPECT_THAT(targets, IsSubsetOf(matches(dockerfile_, R"(\nFROM \S+ AS (\w+))")));
}

TEST_F(Compose, EveryTemplateIsFilled) {
    for (const auto* name :
         {"broker-config/single/mosquitto.conf.in", "broker-config/single/accounts-dynsec.conf.in",
          "deploy/haproxy/haproxy.cfg"}) {
        // A name in a comment needs no value.
        const auto text = std::regex_replace(readFile(kSource + name), std::regex("#[^\n]*"), "");
        const auto wanted = matches(text, "(@[A-Z_]+@)");
        EXPECT_THAT(wanted, Not(IsEmpty())) << name;
        for (const auto& placeholder : wanted) {
            // The line of the gateways is replaced as a whole.
            if (placeholder == "@GATEWAY_PORT@") continue;
            EXPECT_NE(dockerfile_.find(placeholder), std::string::npos) << name << placeholder;
        }
    }
}

}  // namespace
}  // namespace parlor::test
