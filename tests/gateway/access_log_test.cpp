// What is logged of calls and posts.

#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using parlor::test::eventually;

constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kParent = std::string("00-") + kTrace + "-b7ad6b7169203331-01";

class AccessLogTest : public EdgeTest {
 protected:
    void log(LogRequests what) {
        Config config = EdgeTest::config();
        config.edge.logRequests = what;
        config.edge.posts = {.perSecond = 0.001, .burst = 4};
        start(std::move(config));
    }
    bool says(const std::string& text) { return logged().find(text) != std::string::npos; }
    // A line is written before its answer, but for a socket's handshake and what ends it.
    bool comesToSay(const std::string& text) {
        return eventually([&] { return says(text); });
    }
    static std::string idOf(const Answer& answer) {
        return "request id=" + answer.header("x-request-id");
    }
};

TEST_F(AccessLogTest, OnlyPostsThatFailUnlessAsked) {
    log(LogRequests::failed);
    const Opened opened = open();
    post(opened, "x");
    http({.target = opened.events(), .token = opened.token});
    SocketPeer peer(port(), opened.socket("1.2"));
    peer.sendText(messageBody("y"));
    ASSERT_TRUE(peer.receive());
    EXPECT_FALSE(says("request ")) << logged();

    ledger.setFailure(Error{Errc::internal, "broken"});
    EXPECT_EQ(post(opened, "z").status, 500);
    EXPECT_TRUE(says("call=event status=500")) << logged();
    const RequestId id = RequestId::generate();
    peer.sendText(messageBody("z", id));
    EXPECT_TRUE(comesToSay("call=socket_event status=500 trace=")) << logged();
    EXPECT_TRUE(says(" conversation=" + opened.conversation.str() + " draft=" + id.str()))
        << logged();
    EXPECT_FALSE(says("status=2")) << logged();
}

TEST_F(AccessLogTest, AllPostsOnEveryTransport) {
    log(LogRequests::posts);
    const Opened opened = open();
    const std::string conversation = " conversation=" + opened.conversation.str();
    EXPECT_TRUE(says("call=open status=201 trace=")) << logged();
    const RequestId first = RequestId::generate();
    const Answer answer = post(opened, "secret words", first);
    const std::string line = logged().substr(logged().rfind("request "));
    EXPECT_TRUE(line.starts_with(idOf(answer) + " call=event status=201 trace=")) << line;
    EXPECT_TRUE(line.ends_with(conversation + " draft=" + first.str() + "\n")) << line;

    SocketPeer peer(port(), opened.socket("1.2"), "parlor.v1.json", "", 0, kParent);
    const auto sent = [&](std::string body, const RequestId& id, unsigned status) {
        peer.sendText(std::move(body));
        EXPECT_TRUE(comesToSay(" call=socket_event status=" + std::to_string(status) +
                               " trace=" + kTrace + conversation + " draft=" + id.str() + "\n"))
            << logged();
    };
    const RequestId bad = RequestId::generate();
    sent(R"({"request_id":")" + bad.str() + R"(","rating":{"score":9}})", bad, 400);
    for (int n = 0; n < 3; ++n) {
        const RequestId id = RequestId::generate();
        sent(messageBody("secret words", id), id, 201);
    }
    const RequestId tooMany = RequestId::generate();
    sent(messageBody("secret words", tooMany), tooMany, 429);

    http({.target = opened.events(), .token = opened.token});
    EXPECT_FALSE(says("call=poll")) << logged();
    EXPECT_FALSE(says("call=socket ")) << logged();
    EXPECT_FALSE(says("secret")) << logged();
}

TEST_F(AccessLogTest, APostWhoseSocketHasGone) {
    log(LogRequests::posts);
    const Opened opened = open();
    ledger.setSilent(true);
    const RequestId id = RequestId::generate();
    {
        SocketPeer peer(port(), opened.socket("1.1"));
        peer.sendText(messageBody("x", id));
        ASSERT_TRUE(eventually([&] { return ledger.posts() == 1; }));
        peer.cut();
    }
    ASSERT_TRUE(eventually([&] { return connections() == 0; }));
    ledger.setSilent(false);
    EXPECT_TRUE(comesToSay("call=socket_event status=201")) << logged();
    EXPECT_TRUE(says("draft=" + id.str())) << logged();
}

TEST_F(AccessLogTest, AnEventOfASampledTrace) {
    log(LogRequests::posts);
    const Opened opened = open();
    ledger.setTrace(kParent);
    ledger.say(opened.conversation, "secret");
    ledger.setTrace("");
    const SocketPeer retained(port(), opened.socket());
    ASSERT_TRUE(parked(Transport::webSocket, 1));
    ledger.say(opened.conversation, "untraced");
    EXPECT_FALSE(says("arrived")) << logged();  // what is retained did so long ago
    ledger.setTrace(kParent);
    ledger.say(opened.conversation, "secret");
    EXPECT_TRUE(comesToSay(std::string("arrived trace=") + kTrace +
                           " conversation=" + opened.conversation.str() + "\n"))
        << logged();
    EXPECT_FALSE(says("secret")) << logged();
}

TEST_F(AccessLogTest, EveryCall) {
    log(LogRequests::all);
    const Opened opened = open();
    const std::string conversation = " conversation=" + opened.conversation.str() + "\n";
    const std::string base = "/v1/conversations/" + opened.conversation.str();
    const auto expectLine = [&](const Ask& ask, const std::string& rest) {
        const Answer answer = http(ask);
        EXPECT_TRUE(says(idOf(answer) + rest)) << rest << '\n' << logged();
    };
    expectLine({.target = opened.events(), .token = opened.token},
               " call=poll status=200" + conversation);
    expectLine({.target = opened.events("?after=1.1&wait=1"), .token = opened.token},
               " call=poll status=204" + conversation);
    expectLine({.target = opened.events()}, " call=poll status=401" + conversation);
    expectLine({.method = "POST",
                .target = base + "/live",
                .token = opened.token,
                .body = R"({"typing":{"active":true}})"},
               " call=live status=204" + conversation);
    const RequestId id = RequestId::generate();
    expectLine({.target = "/v1/requests/" + id.str(), .token = opened.token},
               " call=request status=200 draft=" + id.str() + "\n");
    expectLine({.target = "/healthz"}, " call=healthz status=200\n");
    expectLine({.target = "/metrics"}, " call=metrics status=200\n");
    expectLine({.target = "/nothing?access_token=" + opened.token}, " call=file status=404\n");
    expectLine({.target = "/v1/conversations/%0Aforged/events"}, " call=poll status=401\n");
    expectLine({.method = "OPTIONS", .target = base + "/stream"},
               " call=preflight status=204" + conversation);

    HttpPeer stream(port());
    stream.send(formatRequest({.target = base + "/stream", .token = opened.token}));
    EXPECT_TRUE(comesToSay(" call=stream status=200" + conversation)) << logged();
    HttpPeer frame(port());
    frame.send(
        formatRequest({.target = base + "/frame?origin=https://a.example", .token = opened.token}));
    EXPECT_TRUE(comesToSay(" call=frame status=200" + conversation)) << logged();
    const SocketPeer socket(port(), opened.socket());
    EXPECT_TRUE(comesToSay(" call=socket status=101" + conversation)) << logged();
    HttpPeer nonsense(port());
    nonsense.send("nonsense\r\n\r\n");
    EXPECT_EQ(nonsense.receive().status, 400);
    EXPECT_TRUE(says(" call=unread status=400\n")) << logged();
    EXPECT_FALSE(says(opened.token)) << logged();
}

}  // namespace
}  // namespace parlor::gateway::test
