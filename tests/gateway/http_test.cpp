// HTTP/1.1 as strangers speak it: pipelining, limits, nonsense.

#include <chrono>

#include "gateway/edge/limits.h"
#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;

class HttpTest : public EdgeTest {
 protected:
    Answer exchange(const std::string& bytes) {
        HttpPeer peer(port());
        peer.send(bytes);
        return peer.receive();
    }
    // The gateway still serves others.
    void expectAlive() { EXPECT_EQ(http({.target = "/healthz"}).status, 200); }
};

TEST_F(HttpTest, PipelinedRequestsAreAnsweredInOrder) {
    const Opened opened = open();
    HttpPeer peer(port());
    std::string all;
    for (int i = 0; i < 20; ++i) {
        all += formatRequest({.target = i % 2 == 0 ? "/healthz" : "/nothing"});
    }
    all += formatRequest({.method = "POST",
                          .target = opened.events(),
                          .token = opened.token,
                          .body = messageBody("piped")});
    all += formatRequest({.target = opened.events("?after=0"), .token = opened.token});
    peer.send(all);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(peer.receive().status, i % 2 == 0 ? 200 : 404);
    EXPECT_EQ(peer.receive().status, 201);
    EXPECT_EQ(peer.receive().json().at("events").as_array().size(), 2U);
}

TEST_F(HttpTest, ARequestBehindAParkedPollWaitsItsTurn) {
    const Opened opened = open();
    HttpPeer peer(port());
    const std::string poll =
        formatRequest({.target = opened.events("?after=1.1&wait=20"), .token = opened.token});
    peer.send(poll + formatRequest({.target = "/healthz"}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    EXPECT_TRUE(peer.receiveSome(50ms).empty());
    ledger.say(opened.conversation, "x");
    EXPECT_EQ(peer.receive().json().at("cursor").as_string(), "1.2");
    EXPECT_EQ(peer.receive().body, "ok\n");
    // The same where the second request comes later.
    peer.send(
        formatRequest({.target = opened.events("?after=1.2&wait=20"), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    peer.send(formatRequest({.target = "/healthz"}));
    EXPECT_TRUE(peer.receiveSome(50ms).empty());
    ledger.say(opened.conversation, "y");
    EXPECT_EQ(peer.receive().json().at("cursor").as_string(), "1.3");
    EXPECT_EQ(peer.receive().body, "ok\n");
}

TEST_F(HttpTest, ARequestInManyPieces) {
    HttpPeer peer(port());
    for (const char c : formatRequest({.target = "/healthz"})) peer.send(std::string(1, c));
    EXPECT_EQ(peer.receive().status, 200);
}

TEST_F(HttpTest, ConnectionCloseAndHttp10) {
    HttpPeer peer(port());
    peer.send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const Answer answer = peer.receive();
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(peer.closes());
    HttpPeer old(port());
    old.send("GET /healthz HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.receive().header("connection"), "close");
    EXPECT_TRUE(old.closes());
}

TEST_F(HttpTest, ChunkedBodiesAndContinue) {
    const Opened opened = open();
    const std::string body = messageBody("chunked");
    HttpPeer peer(port());
    peer.send("POST " + opened.events() + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
              opened.token +
              "\r\nContent-Type: application/json; charset=utf-8\r\n"
              "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(peer.receive(false).status, 100);
    std::ostringstream chunk;
    chunk << std::hex << body.size() << "\r\n" << body << "\r\n0\r\n\r\n";
    peer.send(chunk.str());
    EXPECT_EQ(peer.receive().status, 201);
}

TEST_F(HttpTest, HeadersOverTheLimit) {
    const Answer answer = exchange(
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + std::string(17 * 1024, 'x') + "\r\n\r\n");
    expectProblem(answer, 431, "too_large");
    EXPECT_EQ(answer.header("connection"), "close");
    const Answer target = exchange("GET /" + std::string(20 * 1024, 'x') + " HTTP/1.1\r\n\r\n");
    expectProblem(target, 431, "too_large");
    std::string many = "GET /healthz HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 2000; ++i) many += "A" + std::to_string(i) + ": b\r\n";
    expectProblem(exchange(many + "\r\n"), 431, "too_large");
    // Just below.
    EXPECT_EQ(exchange("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + std::string(15 * 1024, 'x') +
                       "\r\n\r\n")
                  .status,
              200);
    expectAlive();
}

TEST_F(HttpTest, BodiesOverTheLimit) {
    const Opened opened = open();
    HttpPeer peer(port());
    peer.send(formatRequest({.method = "POST",
                             .target = opened.events(),
                             .token = opened.token,
                             .body = std::string(64 * 1024 + 1, ' ')}));
    const Answer answer = peer.receive();
    expectProblem(answer, 413, "too_large");
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(peer.closes());
    // Chunked, where the length is not known before.
    HttpPeer chunked(port());
    chunked.send("POST " + opened.events() + " HTTP/1.1\r\nHost: x\r\n" +
                 "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 20; ++i) chunked.send("1000\r\n" + std::string(4096, ' ') + "\r\n");
    expectProblem(chunked.receive(), 413, "too_large");
    expectAlive();
}

TEST_F(HttpTest, Nonsense) {
    for (const std::string& bytes :
         {std::string("\r\n\r\n\r\n"), std::string("nonsense\r\n\r\n"), std::string("GET\r\n\r\n"),
          std::string("GET / HTTP/9.9\r\n\r\n"), std::string("GET / HTTP/1.1\r\nno colon\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nA: b\r\n folded\x01\r\n\r\n"),
          std::string("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
          std::string("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
          std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
          std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), std::string(300, '\0'),
          std::string("GET \xff\xfe HTTP/1.1\r\n\r\n")}) {
        HttpPeer peer(port());
        peer.send(bytes);
        const Answer answer = peer.receive(true, 500ms);
        if (answer.status != 0) {
            EXPECT_EQ(answer.status / 100, 4) << bytes;
        }
        expectAlive();
    }
}

TEST_F(HttpTest, TargetsThatAreNoPath) {
    expectProblem(exchange("GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n"), 400, "malformed");
    expectProblem(exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"), 400, "malformed");
    expectProblem(exchange("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"), 400, "malformed");
}

TEST_F(HttpTest, AClientThatGoesAwayFreesItsPoll) {
    const Opened opened = open();
    HttpPeer peer(port());
    peer.send(
        formatRequest({.target = opened.events("?after=1.1&wait=60"), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    peer.close();
    EXPECT_TRUE(parked(Transport::longPoll, 0));
    EXPECT_TRUE(eventually([this] { return connections() == 0; }));
}

TEST_F(HttpTest, ConnectionsAreBounded) {
    Config few = config();
    few.edge.maxConnections = 3;
    start(few);
    HttpPeer one(port());
    HttpPeer two(port());
    HttpPeer three(port());
    ASSERT_TRUE(eventually([this] { return connections() == 3; }));
    HttpPeer four(port());
    EXPECT_TRUE(four.closes());
    EXPECT_EQ(counted([](const Stats& s) -> const Counter& { return s.connectionsRefused; }), 1U);
    one.close();
    ASSERT_TRUE(eventually([this] { return connections() == 2; }));
    expectAlive();
}

TEST_F(HttpTest, ABigAnswerToASlowReader) {
    const Opened opened = open();
    const std::string text(8000, 'x');
    for (int i = 0; i < 99; ++i) ledger.say(opened.conversation, text);
    HttpPeer peer(port());
    peer.send(formatRequest({.target = opened.events("?after=0&wait=20"), .token = opened.token}) +
              formatRequest({.target = "/healthz"}));
    // More than a socket takes at once; it is read in small bites.
    ASSERT_TRUE(eventually([this] {
        return counted([](const Stats& s) -> const Counter& { return s.answers[2]; }) >= 2;
    }));
    EXPECT_EQ(peer.receive().json().at("events").as_array().size(), 100U);
    EXPECT_EQ(peer.receive().body, "ok\n");
}

TEST_F(HttpTest, SlowHeadersAreEnded) {
    HttpPeer slow(port());
    slow.send("GET /healthz HTTP/1.1\r\nHos");
    HttpPeer silent(port());
    const auto before = std::chrono::steady_clock::now();
    const Answer answer = slow.receive(true, 15s);
    expectProblem(answer, 408, "deadline");
    EXPECT_TRUE(silent.closes(5s));
    const auto took = std::chrono::steady_clock::now() - before;
    EXPECT_GE(took, limits::kReadDeadline - 1s);
    EXPECT_LE(took, limits::kReadDeadline + 4s);
    EXPECT_EQ(ended(Closing::requestDeadline), 1U);
    EXPECT_EQ(ended(Closing::idle), 1U);
}

TEST_F(HttpTest, ASlowBodyIsEnded) {
    HttpPeer slow(port());
    slow.send(
        "POST /v1/sites/demo/conversations HTTP/1.1\r\nHost: x\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
    expectProblem(slow.receive(true, 15s), 408, "deadline");
}

TEST_F(HttpTest, SeveralShardsServeOnePort) {
    Config two = config();
    two.shards = 2;
    start(two);
    const Opened opened = open();
    std::vector<std::unique_ptr<HttpPeer>> peers;
    for (int i = 0; i < 16; ++i) {
        peers.push_back(std::make_unique<HttpPeer>(port()));
        peers.back()->send(
            formatRequest({.target = opened.events("?after=1.1&wait=20"), .token = opened.token}));
    }
    ASSERT_TRUE(parked(Transport::longPoll, 16));
    ledger.say(opened.conversation, "to all");
    for (auto& peer : peers) EXPECT_EQ(peer->receive().json().at("cursor").as_string(), "1.2");
    // A port that one process has, a second one does not get.
    Config same = config();
    same.listen.port(port());
    EXPECT_THROW(App(
                     same, [this](const ClientId& id) { return broker.makeDrivenClient(id.str()); },
                     [](const std::string&) {}),
                 std::runtime_error);
}

class DrainTest : public EdgeTest {};

TEST_F(DrainTest, PollsEndWith204AndTheRestIsAnswered) {
    const Opened opened = open();
    HttpPeer poll(port());
    poll.send(
        formatRequest({.target = opened.events("?after=1.1&wait=60"), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    HttpPeer idle(port());
    idle.send(formatRequest({.target = "/healthz"}));
    EXPECT_EQ(idle.receive().status, 200);
    HttpPeer posting(port());
    ledger.setSilent(true);
    posting.send(formatRequest({.method = "POST",
                                .target = opened.events(),
                                .token = opened.token,
                                .body = messageBody("under way")}));
    ASSERT_TRUE(eventually([this] { return ledger.posts() == 1; }));

    std::atomic<bool> drained{false};
    app->drain([&] { drained = true; });
    const Answer ended = poll.receive();
    EXPECT_EQ(ended.status, 204);
    EXPECT_EQ(ended.header("connection"), "close");
    EXPECT_TRUE(poll.closes());
    EXPECT_TRUE(idle.closes());
    EXPECT_EQ(app->notReady(), "the gateway is going away");
    EXPECT_THROW(HttpPeer{port()}, boost::system::system_error);
    // A post under way gets its receipt.
    ledger.setSilent(false);
    const Answer posted = posting.receive();
    EXPECT_EQ(posted.status, 201);
    EXPECT_EQ(posted.header("connection"), "close");
    EXPECT_TRUE(posting.closes());
    EXPECT_TRUE(eventually([&] { return drained.load(); }));
    EXPECT_EQ(connections(), 0);
}

TEST_F(DrainTest, WhatDoesNotEndIsEnded) {
    const Opened opened = open();
    ledger.setSilent(true);
    HttpPeer posting(port());
    posting.send(formatRequest({.method = "POST",
                                .target = opened.events(),
                                .token = opened.token,
                                .body = messageBody("x")}));
    HttpPeer half(port());
    half.send("GET /healthz HT");
    ASSERT_TRUE(eventually([this] { return ledger.posts() == 1; }));
    const auto before = std::chrono::steady_clock::now();
    app.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
    EXPECT_TRUE(posting.closes());
    EXPECT_TRUE(half.closes());
}

}  // namespace
}  // namespace parlor::gateway::test
