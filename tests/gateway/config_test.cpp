#include "gateway/config.h"

#include <Poco/AutoPtr.h>
#include <Poco/Util/PropertyFileConfiguration.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/temp_dir.h"

namespace parlor::gateway::test {
namespace {

class ConfigTest : public testing::Test {
 protected:
    Config read(const std::string& text) {
        std::istringstream in("token.keyFile = " + keys + "\n" + text);
        const Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> file(
            new Poco::Util::PropertyFileConfiguration(in));
        return readConfig(*file);
    }
    std::string refusal(const std::string& text) {
        try {
            read(text);
        } catch (const std::exception& error) {
            return error.what();
        }
        return "";
    }
    parlor::test::TempDir dir;
    const std::string keys = dir.write("keys", "k1:" + std::string(64, '6') + "\n");
};

TEST_F(ConfigTest, Defaults) {
    const Config config = read("");
    EXPECT_EQ(config.listen.port(), 8080);
    EXPECT_EQ(config.listen.address().to_string(), "127.0.0.1");
    EXPECT_GE(config.shards, 1U);
    EXPECT_EQ(config.brokerServers, std::vector<std::string>{"tcp://127.0.0.1:1883"});
    ASSERT_EQ(config.edge.sites.size(), 1U);
    EXPECT_TRUE(config.edge.sites.at(*SiteId::parse("demo")).anyOrigin);
    EXPECT_EQ(config.tokenLifetime, std::chrono::hours(24));
    EXPECT_EQ(config.drain, std::chrono::seconds(10));
    EXPECT_TRUE(config.widgetDir.empty());
    EXPECT_FALSE(config.tls);
    EXPECT_FALSE(config.edge.deflate || config.edge.proxyProtocol);
    EXPECT_EQ(config.edge.logRequests, LogRequests::failed);
    EXPECT_NE(read("").replica, config.replica);
}

TEST_F(ConfigTest, EveryKey) {
    const std::string password = dir.write("password", "secret\nmore\n");
    const Config config = read(
        "http.listen = [::1]:0\nhttp.shards = 3\nhttp.maxConnections = 10\n"
        "http.maxPerAddress = 0\nhttp.trustedProxies = 10.0.0.0/8\n"
        "http.deflate = on\nhttp.proxyProtocol = on\nhttp.logRequests = all\n"
        "https.listen = 0.0.0.0:8443\nhttps.certificateFile = a.crt\nhttps.keyFile = a.key\n"
        "limits.open = 30/180\nlimits.post = 0\nlimits.postPerAddress = 900/5400\n"
        "limits.typing = 20/120\nlimits.typingPerAddress = 30/180\n"
        "limits.transcript = 2/6\nlimits.transcriptPerAddress = 60/180\n"
        "broker.servers = tcp://a:1883, ssl://b:8883\nbroker.username = gateway\n"
        "broker.passwordFile = " +
        password +
        "\nbroker.replica = gw-7\n"
        "sites = one, two\nsites.one.origins = https://a.example, HTTPS://B.example:8443\n"
        "token.lifetimeHours = 2\nwidget.dir = /srv/widget\ndrain.seconds = 0\n"
        "logging.loggers.root.level = debug\n");
    EXPECT_EQ(config.listen.address().to_string(), "::1");
    EXPECT_EQ(config.shards, 3U);
    EXPECT_EQ(config.edge.maxConnections, 4U);
    EXPECT_EQ(config.edge.maxPerAddress, 0U);
    EXPECT_TRUE(config.edge.deflate && config.edge.proxyProtocol);
    EXPECT_EQ(config.edge.logRequests, LogRequests::all);
    ASSERT_TRUE(config.tls);
    EXPECT_EQ(config.tls->listen.port(), 8443);
    EXPECT_EQ(config.tls->certificateFile + config.tls->keyFile, "a.crta.key");
    EXPECT_EQ(config.edge.trustedProxies.size(), 1U);
    EXPECT_DOUBLE_EQ(config.edge.opens.burst, 10);  // shared out among shards
    EXPECT_DOUBLE_EQ(config.edge.opens.perSecond, 1);
    EXPECT_DOUBLE_EQ(config.edge.posts.perSecond, 0);
    EXPECT_DOUBLE_EQ(config.edge.postsPerAddress.burst, 300);
    EXPECT_DOUBLE_EQ(config.edge.postsPerAddress.perSecond, 30);
    // A conversation is mostly on one shard, which must not make its address's rate the lower one.
    EXPECT_DOUBLE_EQ(config.edge.typingPerAddress.burst, 20);
    EXPECT_DOUBLE_EQ(config.edge.typingPerAddress.perSecond, 2);
    EXPECT_DOUBLE_EQ(config.edge.transcripts.burst, 2);
    EXPECT_DOUBLE_EQ(config.edge.transcriptsPerAddress.burst, 20);
    EXPECT_EQ(config.brokerServers.size(), 2U);
    EXPECT_EQ(config.brokerPassword, "secret");
    EXPECT_EQ(config.replica, "gw-7");
    const SiteConfig& one = config.edge.sites.at(*SiteId::parse("one"));
    EXPECT_EQ(one.origins, (std::set<std::string>{"https://a.example", "https://b.example:8443"}));
    EXPECT_FALSE(one.anyOrigin);
    EXPECT_TRUE(config.edge.sites.at(*SiteId::parse("two")).anyOrigin);
}

TEST_F(ConfigTest, WhatIsWrongIsNamed) {
    const std::pair<const char*, const char*> wrong[] = {
        {"http.listne = 1\n", "http.listne: no such key"},
        {"nothing = 1\n", "nothing: no such key"},
        {"sites.other.origins = *\n", "sites.other.origins: no such key"},
        {"http.listen = 8080\n", "http.listen"},
        {"http.listen = localhost:80\n", "http.listen"},
        {"http.listen = 127.0.0.1:99999\n", "http.listen"},
        {"http.shards = many\n", "http.shards"},
        {"http.shards = -1\n", "http.shards"},
        {"http.maxConnections = 0\n", "http.maxConnections"},
        {"broker.servers = 127.0.0.1\n", "broker.servers"},
        {"broker.servers =\n", "broker.servers"},
        {"broker.passwordFile = /does/not/exist\n", "broker.passwordFile"},
        {"broker.caFile = /does/not/exist\n", "broker.caFile"},
        {"broker.replica = Not Good\n", "broker.replica"},
        {"sites = Not Good\n", "sites"},
        {"sites =\n", "sites"},
        {"sites.demo.origins = shop.example\n", "sites.demo.origins"},
        {"sites.demo.origins = https://shop.example/\n", "sites.demo.origins"},
        {"token.lifetimeHours = 0\n", "token.lifetimeHours"},
        {"token.keyFile =\n", "token.keyFile"},
        {"drain.seconds = soon\n", "drain.seconds"},
        {"limits.open = 10\n", "limits.open"},
        {"limits.post = 10/\n", "limits.post"},
        {"limits.typing = 0/10\n", "limits.typing"},
        {"limits.postPerAddress = x\n", "limits.postPerAddress"},
        {"limits.typingPerAddress = x\n", "limits.typingPerAddress"},
        {"http.trustedProxies = x\n", "http.trustedProxies"},
        {"http.deflate = yes\n", "http.deflate"},
        {"http.logRequests = on\n", "http.logRequests"},
        {"https.listen = 443\n", "https.listen"},
        {"https.listen = 127.0.0.1:443\n", "https.certificateFile"},
        {"https.listen = 127.0.0.1:443\nhttps.certificateFile = x\n", "https.keyFile"},
    };
    for (const auto& [text, expected] : wrong) {
        EXPECT_NE(refusal(text).find(expected), std::string::npos) << text << refusal(text);
    }
}

}  // namespace
}  // namespace parlor::gateway::test
