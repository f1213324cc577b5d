// Live signals, both ways, on every transport.

#include <chrono>

#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;

class LiveTest : public EdgeTest {
 protected:
    Answer say(const Opened& opened, const std::string& body) {
        return http({.method = "POST",
                     .target = "/v1/conversations/" + opened.conversation.str() + "/live",
                     .token = opened.token,
                     .body = body});
    }
    Answer poll(const Opened& opened, const std::string& query) {
        return http({.target = opened.events("?" + query), .token = opened.token});
    }
    std::optional<v1::Live> heard() {
        std::vector<bus::Message> signals;
        if (!eventually([&] { return !(signals = ledger.takeSignals()).empty(); })) return {};
        return *decode<v1::Live>(signals.back().payload);
    }
    void agentTypes(const Opened& opened, bool active) {
        v1::Live live;
        live.mutable_typing()->set_active(active);
        live.mutable_typing()->set_preview("not for visitors");
        ledger.live(opened.conversation, live);
    }
    void agentReads(const Opened& opened, std::uint64_t seq) {
        v1::Live live;
        live.mutable_read()->set_seq(seq);
        ledger.live(opened.conversation, live);
    }
    void queued(const Opened& opened, std::uint32_t position) {
        v1::Live live;
        live.mutable_queue_position()->set_position(position);
        live.mutable_queue_position()->set_expected_wait_s(90);
        ledger.live(opened.conversation, live, "ledger");
    }
    static std::string liveOf(const Answer& answer) {
        return boost::json::serialize(answer.json().at("live"));
    }

    static constexpr const char* kTyping =
        R"({"from":{"kind":"agent","id":"alice"},"typing":{"active":true}})";
    static constexpr const char* kRead =
        R"({"from":{"kind":"agent","id":"alice"},"read":{"seq":1}})";
    static constexpr const char* kPosition =
        R"({"from":{"kind":"system"},"queue_position":{"position":2,"expected_wait_s":90}})";
};

TEST_F(LiveTest, SignalsByPost) {
    const Opened opened = open();
    EXPECT_EQ(say(opened, R"({"typing":{"active":true,"preview":"hel"}})").status, 204);
    const auto typing = heard();
    ASSERT_TRUE(typing);
    EXPECT_EQ(typing->typing().preview(), "hel");
    EXPECT_EQ(say(opened, R"({"read":{"seq":1}})").status, 204);
    const auto read = heard();
    ASSERT_TRUE(read);
    EXPECT_EQ(read->read().seq(), 1U);
    EXPECT_EQ(ledger.posts(), 0U);  // nothing of it is recorded
    EXPECT_EQ(say(opened, R"({"presence":{"state":"away","page_title":"Cart"}})").status, 204);
    EXPECT_TRUE(eventually([&] {
        const v1::Presence presence = ledger.lastPresence(opened.conversation);
        return presence.state() == v1::Presence::STATE_AWAY && presence.page_title() == "Cart";
    }));
}

TEST_F(LiveTest, SignalsThatAreRefused) {
    const Opened opened = open();
    const Opened other = open();
    for (const char* body : {"", "{}", "[]", R"({"typing":true})", R"({"message":{"text":"x"}})",
                             R"({"presence":{"state":"x"}})"}) {
        expectProblem(say(opened, body), 400, "malformed");
    }
    const std::string target = "/v1/conversations/" + opened.conversation.str() + "/live";
    expectProblem(http({.method = "POST", .target = target, .body = "{}"}), 401, "unauthorized");
    expectProblem(http({.method = "POST", .target = target, .token = other.token, .body = "{}"}),
                  403, "forbidden");
    expectProblem(http({.target = target, .token = opened.token}), 405, "method_not_allowed");
    expectProblem(http({.method = "POST",
                        .target = target,
                        .token = opened.token,
                        .body = "{}",
                        .headers = {{"Content-Type", "text/plain"}}}),
                  415, "malformed");
    cutBroker();
    expectProblem(say(opened, R"({"typing":{"active":true}})"), 503, "unavailable");
}

TEST_F(LiveTest, PresenceComesWithWhateverReads) {
    const Opened opened = open();
    const auto says = [&](v1::Presence::State state, const std::string& url) {
        return eventually([&] {
            const v1::Presence presence = ledger.lastPresence(opened.conversation);
            return presence.state() == state && presence.page_url() == url;
        });
    };
    poll(opened, "after=0&page_url=https%3A%2F%2Fshop.example%2F");
    EXPECT_TRUE(says(v1::Presence::STATE_HERE, "https://shop.example/"));
    SocketPeer peer(port(), opened.socket() + "&presence=away&page_url=https://b/");
    EXPECT_TRUE(says(v1::Presence::STATE_AWAY, "https://b/"));
    peer.sendText(R"({"presence":{"state":"here","page_url":"https://c/"}})");
    EXPECT_TRUE(says(v1::Presence::STATE_HERE, "https://c/"));
    HttpPeer stream(port());
    stream.send(formatRequest({.target = "/v1/conversations/" + opened.conversation.str() +
                                         "/stream?after=0&presence=away",
                               .token = opened.token}));
    EXPECT_TRUE(says(v1::Presence::STATE_AWAY, ""));
    expectProblem(poll(opened, "after=0&presence=x"), 400, "malformed");
    expectProblem(poll(opened, "after=0&page_url=" + std::string(2049, 'x')), 413, "too_large");
    EXPECT_THROW(SocketPeer(port(), opened.socket() + "&presence=x"), boost::system::system_error);
}

TEST_F(LiveTest, ShortPollsTellWhatHolds) {
    const Opened opened = open();
    EXPECT_FALSE(poll(opened, "after=0").json().contains("live"));
    agentTypes(opened, true);
    agentReads(opened, 1);
    queued(opened, 2);
    EXPECT_TRUE(eventually([&] {
        const auto body = poll(opened, "after=1.1").json();
        return body.contains("live") && body.at("live").as_array().size() == 3;
    }));
    const Answer all = poll(opened, "after=1.1");
    EXPECT_EQ(liveOf(all), std::string("[") + kTyping + "," + kRead + "," + kPosition + "]");
    EXPECT_GT(all.json().at("live_at").as_int64(), 1'700'000'000'000);
    EXPECT_TRUE(all.json().contains("poll_after_ms"));
    agentTypes(opened, false);
    ledger.assign(opened.conversation);
    ASSERT_TRUE(eventually([&] { return poll(opened, "after=1.1").json().at("cursor") == "1.2"; }));
    EXPECT_EQ(liveOf(poll(opened, "after=1.2")), std::string("[") + kRead + "]");
}

TEST_F(LiveTest, ALongPollIsNotEndedBySignalsUnlessItAsks) {
    const Opened opened = open();
    poll(opened, "after=0");
    HttpPeer deaf(port());
    deaf.send(
        formatRequest({.target = opened.events("?after=1.1&wait=20"), .token = opened.token}));
    HttpPeer asks(port());
    asks.send(formatRequest(
        {.target = opened.events("?after=1.1&wait=20&live=0"), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 2));
    agentTypes(opened, true);
    const Answer told = asks.receive();
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.json().at("events").as_array().size(), 0U);
    EXPECT_EQ(told.json().at("cursor").as_string(), "1.1");
    EXPECT_EQ(liveOf(told), std::string("[") + kTyping + "]");
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    // From there it waits for the next change.
    const auto at = std::to_string(told.json().at("live_at").as_int64());
    asks.send(formatRequest(
        {.target = opened.events("?after=1.1&wait=20&live=" + at), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 2));
    agentTypes(opened, false);
    EXPECT_EQ(liveOf(asks.receive()), "[]");
    // An event ends both, with what holds besides.
    ledger.say(opened.conversation, "x");
    const Answer event = deaf.receive();
    EXPECT_EQ(event.json().at("events").as_array().size(), 1U);
    EXPECT_EQ(liveOf(event), "[]");
    expectProblem(poll(opened, "after=0&live=x"), 400, "malformed");
    expectProblem(poll(opened, "after=0&live=-1"), 400, "malformed");
}

TEST_F(LiveTest, StreamsAreToldAtOnceAndWhatHeldBefore) {
    const Opened opened = open();
    SocketPeer first(port(), opened.socket("0"));
    ASSERT_TRUE(first.receive());  // so the conversation is subscribed
    queued(opened, 2);
    EXPECT_EQ(first.receive(), std::string(R"({"type":"live",)") + (kPosition + 1));
    // One that comes later learns it too.
    SocketPeer second(port(), opened.socket("1.1"));
    EXPECT_EQ(second.receive(), std::string(R"({"type":"live",)") + (kPosition + 1));
    HttpPeer stream(port());
    stream.send(formatRequest(
        {.target = "/v1/conversations/" + opened.conversation.str() + "/stream?after=1.1",
         .token = opened.token}));
    std::string text;
    EXPECT_TRUE(eventually([&] {
        text += stream.receiveSome(1s);
        return text.find(std::string(R"(data: {"type":"live",)") + (kPosition + 1)) !=
               std::string::npos;
    }));
    agentTypes(opened, true);
    for (SocketPeer* peer : {&first, &second}) {
        EXPECT_EQ(peer->receive(), std::string(R"({"type":"live",)") + (kTyping + 1));
    }
    EXPECT_TRUE(eventually([&] {
        text += stream.receiveSome(1s);
        return text.find(kTyping + 1) != std::string::npos;
    }));
}

}  // namespace
}  // namespace parlor::gateway::test
