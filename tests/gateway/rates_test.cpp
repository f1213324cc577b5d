// Rates, addresses, and limits on connections.

#include <chrono>

#include "gateway/edge/client_address.h"
#include "gateway/session/rate_limiter.h"
#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using asio::ip::make_address;

TEST(RateLimiter, ABurstThenItsRate) {
    RateLimiter limiter({.perSecond = 2, .burst = 3});
    Time now = Time{} + 1h;
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take("a", now));
    const auto wait = limiter.take("a", now);
    ASSERT_TRUE(wait);
    EXPECT_EQ(*wait, 500ms);
    EXPECT_FALSE(limiter.take("b", now));  // others are not concerned
    now += 501ms;
    EXPECT_FALSE(limiter.take("a", now));
    EXPECT_TRUE(limiter.take("a", now));
    now += 1h;  // it does not save up more than a burst
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take("a", now));
    EXPECT_TRUE(limiter.take("a", now));
}

TEST(RateLimiter, NoneAndBounded) {
    RateLimiter none({});
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(none.take("a", Time{}));
    RateLimiter limiter({.perSecond = 1, .burst = 1});
    for (std::size_t i = 0; i < RateLimiter::kMaxKeys + 100; ++i) {
        limiter.take(std::to_string(i), Time{} + 1h);
    }
    EXPECT_EQ(limiter.size(), RateLimiter::kMaxKeys);
}

TEST(VisitorLimiter, AConversationAndItsAddress) {
    const auto one = *ConversationId::parse("01J00000000000000000000001");
    const auto two = *ConversationId::parse("01J00000000000000000000002");
    const Time now = Time{} + 1h;
    VisitorLimiter limiter({.perSecond = 1, .burst = 2}, {.perSecond = 2, .burst = 3});
    EXPECT_FALSE(limiter.take(one, "office", now));
    EXPECT_FALSE(limiter.take(one, "office", now));
    EXPECT_EQ(limiter.take(one, "office", now), 1s);
    EXPECT_FALSE(limiter.take(two, "office", now));  // what was refused is not the office's
    EXPECT_EQ(limiter.take(two, "office", now), 500ms);
    EXPECT_EQ(limiter.take(two, "home", now), 1s);  // whoever changes addresses stays what it is
    VisitorLimiter unknown({.perSecond = 1, .burst = 1}, {.perSecond = 1, .burst = 1});
    EXPECT_FALSE(unknown.take(one, "", now));
    EXPECT_FALSE(unknown.take(two, "", now));
    EXPECT_TRUE(unknown.take(two, "", now));
}

std::vector<Network> networks(const std::vector<std::string>& texts) {
    std::vector<Network> all;
    for (const std::string& text : texts) all.push_back(Network::parse(text).value());
    return all;
}

TEST(ClientAddress, Networks) {
    const auto contains = [](const char* network, const char* address) {
        return Network::parse(network).value().contains(make_address(address));
    };
    EXPECT_TRUE(contains("10.0.0.0/8", "10.255.3.4"));
    EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(contains("192.168.4.0/23", "192.168.5.7"));
    EXPECT_FALSE(contains("192.168.4.0/23", "192.168.6.7"));
    EXPECT_TRUE(contains("127.0.0.1", "::ffff:127.0.0.1"));
    EXPECT_TRUE(contains("fd00::/8", "fdff::1"));
    EXPECT_FALSE(contains("fd00::/8", "10.0.0.1"));
    EXPECT_TRUE(contains("0.0.0.0/0", "1.2.3.4"));
    for (const char* text : {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::1/129", "/8"}) {
        EXPECT_FALSE(Network::parse(text)) << text;
    }
}

TEST(ClientAddress, ForwardedForIsBelievedOnlyOfProxies) {
    const auto trusted = networks({"127.0.0.0/8", "10.0.0.0/8"});
    const auto client = [&](const char* peer, const char* header) {
        const auto address = clientAddress(make_address(peer), header, trusted);
        return address ? address->to_string() : std::string("nobody");
    };
    EXPECT_EQ(client("8.8.8.8", "1.2.3.4"), "8.8.8.8");
    EXPECT_EQ(client("127.0.0.1", "1.2.3.4"), "1.2.3.4");
    EXPECT_EQ(client("127.0.0.1", "9.9.9.9, 1.2.3.4"),
              "1.2.3.4");  // what it says itself counts not
    EXPECT_EQ(client("127.0.0.1", "9.9.9.9, 1.2.3.4 , 10.1.1.1"), "1.2.3.4");
    EXPECT_EQ(client("::ffff:10.0.0.1", "2001:db8::1"), "2001:db8::1");
    EXPECT_EQ(client("127.0.0.1", ""), "nobody");
    EXPECT_EQ(client("127.0.0.1", "10.0.0.1"), "nobody");
    EXPECT_EQ(client("127.0.0.1", "1.2.3.4, nonsense"), "nobody");
}

TEST(ClientAddress, AHouseholdIsOneKey) {
    const auto key = [](const char* address) { return rateKey(make_address(address)); };
    EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
    EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    EXPECT_EQ(key("::ffff:1.2.3.4"), key("1.2.3.4"));
    EXPECT_NE(key("1.2.3.4"), key("1.2.3.5"));
}

class RatesTest : public EdgeTest {
 protected:
    void SetUp() override {
        Config limited = config();
        limited.edge.trustedProxies = networks({"127.0.0.0/8"});
        limited.edge.opens = {.perSecond = 0.01, .burst = 2};
        limited.edge.posts = {.perSecond = 0.01, .burst = 3};
        limited.edge.typing = {.perSecond = 0.01, .burst = 1};
        start(limited);
    }
    Answer openFor(const std::string& address) {
        Ask ask{.method = "POST", .target = "/v1/sites/demo/conversations", .body = "{}"};
        if (!address.empty()) ask.headers["X-Forwarded-For"] = address;
        return http(ask);
    }
};

TEST_F(RatesTest, OpeningIsLimitedByAddress) {
    EXPECT_EQ(openFor("1.2.3.4").status, 201);
    EXPECT_EQ(openFor("1.2.3.4").status, 201);
    const Answer refused = openFor("9.9.9.9, 1.2.3.4");
    expectProblem(refused, 429, "rate_limited");
    EXPECT_GE(std::stoi(refused.header("retry-after")), 50);
    // A proxy may add a line of its own behind one that the visitor made up.
    HttpPeer peer(port());
    peer.send(
        "POST /v1/sites/demo/conversations HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9\r\n"
        "X-Forwarded-For: 1.2.3.4\r\nContent-Type: application/json\r\nContent-Length: "
        "2\r\n\r\n{}");
    expectProblem(peer.receive(), 429, "rate_limited");
    EXPECT_EQ(openFor("1.2.3.5").status, 201);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(openFor("").status, 201);
    EXPECT_EQ(counted([](const Stats& s) -> const Counter& { return s.rateLimited; }), 2U);
}

TEST_F(RatesTest, PostingIsLimitedByConversationOnEveryTransport) {
    const Opened opened = open();
    const Opened other = open();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(post(opened, "x").status, 201);
    expectProblem(post(opened, "x"), 429, "rate_limited");
    EXPECT_EQ(post(other, "x").status, 201);
    SocketPeer peer(port(), opened.socket("1.4"));
    const auto id = RequestId::generate();
    peer.sendText(messageBody("x", id));
    const auto frame = boost::json::parse(peer.receive().value()).as_object();
    EXPECT_EQ(frame.at("request_id").as_string(), id.str());
    EXPECT_EQ(frame.at("problem").at("code").as_string(), "rate_limited");
}

TEST_F(RatesTest, TooMuchTypingIsNotSentOn) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket("1.1"));
    for (int i = 0; i < 5; ++i) peer.sendText(R"({"typing":{"active":true}})");
    peer.sendText(messageBody("x"));
    ASSERT_TRUE(peer.receive());
    EXPECT_EQ(ledger.takeSignals().size(), 1U);
}

// Conversations are cheap: whoever opens many posts no more for it.
class AddressRatesTest : public RatesTest {
 protected:
    void SetUp() override {
        Config limited = config();
        limited.edge.trustedProxies = networks({"127.0.0.0/8"});
        limited.edge.postsPerAddress = {.perSecond = 0.01, .burst = 3};
        limited.edge.typingPerAddress = {.perSecond = 0.01, .burst = 2};
        start(limited);
    }
    Answer postFrom(const std::string& address, const Opened& opened, const std::string& call,
                    const std::string& body) {
        Ask ask{.method = "POST",
                .target = "/v1/conversations/" + opened.conversation.str() + "/" + call,
                .token = opened.token,
                .body = body};
        if (!address.empty()) ask.headers["X-Forwarded-For"] = address;
        return http(ask);
    }
};

TEST_F(AddressRatesTest, PostingIsLimitedByAddressOverAllItsConversations) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(postFrom("1.2.3.4", open(), "events", messageBody("x")).status, 201);
    }
    const Opened opened = open();
    const Answer refused = postFrom("1.2.3.4", opened, "events", messageBody("x"));
    expectProblem(refused, 429, "rate_limited");
    EXPECT_GE(std::stoi(refused.header("retry-after")), 50);
    EXPECT_EQ(postFrom("1.2.3.5", opened, "events", messageBody("x")).status, 201);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(postFrom("", open(), "events", messageBody("x")).status, 201);
    }
}

TEST_F(AddressRatesTest, SoAreSignals) {
    const std::string typing = R"({"typing":{"active":true}})";
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(postFrom("1.2.3.4", open(), "live", typing).status, 204);
    }
    const Opened opened = open();
    const Answer refused = postFrom("1.2.3.4", opened, "live", typing);
    expectProblem(refused, 429, "rate_limited");
    EXPECT_GE(std::stoi(refused.header("retry-after")), 50);
    EXPECT_EQ(postFrom("1.2.3.5", opened, "live", typing).status, 204);
}

TEST_F(AddressRatesTest, SocketsOfOneAddressShareItsRate) {
    const auto sayOn = [&](SocketPeer& peer) {
        peer.sendText(R"({"typing":{"active":true}})");
        peer.sendText(messageBody("x"));
        for (;;) {
            const auto frame = boost::json::parse(peer.receive().value()).as_object();
            if (frame.at("type") != "receipt") continue;
            if (!frame.contains("problem")) return std::string("recorded");
            const auto& problem = frame.at("problem").as_object();
            EXPECT_GE(problem.at("retry_after_ms").as_int64(), 1000);
            return std::string(problem.at("code").as_string());
        }
    };
    std::vector<std::string> outcomes;
    for (int i = 0; i < 4; ++i) {
        SocketPeer peer(port(), open().socket("1.1"), "", "", 0, "", "1.2.3.4");
        outcomes.push_back(sayOn(peer));
    }
    EXPECT_EQ(outcomes,
              (std::vector<std::string>{"recorded", "recorded", "recorded", "rate_limited"}));
    EXPECT_EQ(ledger.takeSignals().size(), 2U);
    SocketPeer other(port(), open().socket("1.1"), "", "", 0, "", "1.2.3.5");
    EXPECT_EQ(sayOn(other), "recorded");
}

TEST_F(RatesTest, ConnectionsAreLimitedByAddress) {
    Config limited = config();
    limited.edge.maxPerAddress = 2;
    start(limited);  // no proxy is trusted: this machine is one address
    const Opened opened = open();
    ASSERT_TRUE(parlor::test::eventually([this] { return connections() == 0; }));
    HttpPeer one(port());
    SocketPeer two(port(), opened.socket());
    ASSERT_TRUE(parked(Transport::webSocket, 1));
    HttpPeer three(port());
    EXPECT_TRUE(three.closes());
    one.close();
    ASSERT_TRUE(parlor::test::eventually([this] { return connections() == 1; }));
    EXPECT_EQ(http({.target = "/healthz"}).status, 200);
}

}  // namespace
}  // namespace parlor::gateway::test
