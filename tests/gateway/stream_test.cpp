// Server-sent events and the forever iframe.

#include <chrono>

#include "gateway/edge/stream_format.h"
#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;

// A stream as its reader sees it.
class StreamPeer {
 public:
    StreamPeer(std::uint16_t port, const Ask& ask, int receiveBuffer = 0)
        : peer_(port, receiveBuffer) {
        peer_.send(formatRequest(ask));
        head = peer_.receive(false);
        text_ = peer_.surplus();
    }
    // Reads on until `what` has come; what came before it is cut off. False at the limit.
    bool reaches(const std::string& what, std::chrono::milliseconds limit = 10s) {
        const auto end = std::chrono::steady_clock::now() + limit;
        std::size_t at = 0;
        while ((at = text_.find(what)) == std::string::npos) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                end - std::chrono::steady_clock::now());
            const std::string more = left.count() > 0 ? peer_.receiveSome(left) : std::string();
            if (more.empty()) return false;
            text_ += more;
        }
        text_.erase(0, at + what.size());
        return true;
    }
    bool ends() { return peer_.closes(); }
    void close() { peer_.close(); }

    Answer head;

 private:
    HttpPeer peer_;
    std::string text_;
};

class StreamTest : public EdgeTest {
 protected:
    static std::string target(const Opened& opened, const std::string& kind,
                              const std::string& query) {
        return "/v1/conversations/" + opened.conversation.str() + "/" + kind + "?" + query +
               "&access_token=" + opened.token;
    }
    StreamPeer sse(const Opened& opened, const std::string& query = "after=0") {
        return StreamPeer(port(), {.target = target(opened, "stream", query)});
    }
};

TEST_F(StreamTest, ServerSentEvents) {
    const Opened opened = open();
    StreamPeer peer = sse(opened);
    EXPECT_EQ(peer.head.status, 200);
    EXPECT_EQ(peer.head.header("content-type"), "text/event-stream");
    EXPECT_EQ(peer.head.header("x-accel-buffering"), "no");
    EXPECT_EQ(peer.head.header("connection"), "close");
    EXPECT_FALSE(peer.head.headers.contains("content-length"));
    EXPECT_TRUE(peer.reaches("retry: "));
    EXPECT_TRUE(
        peer.reaches("id: 1.1\nevent: events\ndata: {\"type\":\"events\",\"events\":[{\"seq\":1,"));
    EXPECT_TRUE(peer.reaches("\"cursor\":\"1.1\"}\n\n"));
    EXPECT_TRUE(parked(Transport::sse, 1));
    ledger.say(opened.conversation, "one\ntwo");
    EXPECT_TRUE(peer.reaches("id: 1.2\nevent: events\ndata: "));
    EXPECT_TRUE(peer.reaches("one\\ntwo"));
    v1::Live live;
    live.mutable_typing()->set_active(true);
    ledger.live(opened.conversation, live);
    EXPECT_TRUE(
        peer.reaches("event: live\n"
                     "data: {\"type\":\"live\",\"from\":{\"kind\":\"agent\",\"id\":\"alice\"},"
                     "\"typing\":{\"active\":true}}\n\n"));
    peer.close();
    EXPECT_TRUE(parked(Transport::sse, 0));
    EXPECT_TRUE(eventually([this] { return connections() == 0; }));
}

TEST_F(StreamTest, LastEventIdCounts) {
    const Opened opened = open();
    ledger.say(opened.conversation, "two");
    ledger.say(opened.conversation, "three");
    StreamPeer peer(port(), {.target = target(opened, "stream", "after=0"),
                             .headers = {{"Last-Event-ID", "1.2"}}});
    EXPECT_TRUE(peer.reaches("id: 1.3\n"));
    StreamPeer foreign = sse(opened, "after=7.2");
    EXPECT_TRUE(foreign.reaches("\"reset\":true}\n\n"));
    expectProblem(
        http({.target = target(opened, "stream", "after=0"), .headers = {{"Last-Event-ID", "x"}}}),
        400, "malformed");
}

TEST_F(StreamTest, Refusals) {
    const Opened opened = open();
    const Opened other = open();
    const std::string path = "/v1/conversations/" + opened.conversation.str() + "/stream?after=";
    expectProblem(http({.target = path + "0"}), 401, "unauthorized");
    expectProblem(http({.target = path + "0", .token = other.token}), 403, "forbidden");
    expectProblem(http({.target = path + "x", .token = opened.token}), 400, "malformed");
    expectProblem(http({.method = "POST", .target = path + "0", .body = "{}"}), 405,
                  "method_not_allowed");
    cutBroker();
    expectProblem(http({.target = path + "0", .token = opened.token}), 503, "unavailable");
}

TEST_F(StreamTest, AHeartbeatComesInBetween) {
    const Opened opened = open();
    StreamPeer peer = sse(opened, "after=1.1");
    EXPECT_TRUE(peer.reaches(":\n\n", 30s));
}

TEST_F(StreamTest, DrainedWithAGoodbye) {
    const Opened opened = open();
    StreamPeer peer = sse(opened);
    EXPECT_TRUE(peer.reaches("id: 1.1"));
    std::atomic<bool> drained{false};
    app->drain([&] { drained = true; });
    EXPECT_TRUE(peer.reaches("retry: "));
    EXPECT_TRUE(peer.reaches("event: bye\ndata: {\"type\":\"bye\",\"reason\":\"going_away\"}\n\n"));
    EXPECT_TRUE(peer.ends());
    EXPECT_TRUE(eventually([&] { return drained.load(); }));
}

TEST_F(StreamTest, AHoleIsSaidAndFilledLater) {
    const Opened opened = open();
    start();
    ledger.setSilent(true);
    broker.dropRetained();
    StreamPeer peer = sse(opened, "after=1.1");
    EXPECT_TRUE(peer.reaches(
        "data: {\"type\":\"events\",\"events\":[],\"cursor\":\"1.1\",\"gap\":true}\n\n"));
    ledger.setSilent(false);
    ledger.say(opened.conversation, "x");
    EXPECT_TRUE(peer.reaches("id: 1.2\n"));
}

TEST_F(StreamTest, AReaderThatDoesNotReadHoldsBackNothingButItself) {
    const Opened opened = open();
    StreamPeer slow(port(), {.target = target(opened, "stream", "after=0")}, kSmallBuffer);
    StreamPeer quick = sse(opened);
    const auto cursor = [](std::uint64_t seq) {
        return "\"cursor\":\"1." + std::to_string(seq) + "\"";
    };
    ASSERT_TRUE(quick.reaches(cursor(1)));
    const auto last = sayUntilOneIsStuck(opened, Transport::sse, [&](std::uint64_t seq) {
        ASSERT_TRUE(quick.reaches(cursor(seq)));
    });
    EXPECT_TRUE(slow.reaches(cursor(last), 60s));
    EXPECT_GE(counted([](const Stats& stats) -> const Counter& { return stats.histories; }), 1U);
}

// Who reads on soon enough learns why; who does not sees its connection end within what it was
// sent.
TEST_F(StreamTest, OnesThatDoNotReadAreEnded) {
    const Opened opened = open();
    StreamPeer slow(port(), {.target = target(opened, "stream", "after=0")}, kSmallBuffer);
    StreamPeer quick = sse(opened);
    sayUntilOneIsStuck(opened, Transport::sse, [&](std::uint64_t seq) {
        ASSERT_TRUE(quick.reaches("\"cursor\":\"1." + std::to_string(seq) + "\""));
    });
    SocketPeer slowSocket(port(), opened.socket(), "parlor.v1.json", "", kSmallBuffer);
    EXPECT_EQ(ended(Closing::writeDeadline), 0U);
    ASSERT_TRUE(eventually([&] { return ended(Closing::writeDeadline) == 1; }, 30s));
    EXPECT_TRUE(slow.reaches("event: bye\ndata: {\"type\":\"bye\",\"reason\":\"too_slow\"}\n\n"));
    EXPECT_TRUE(slow.ends());
    ASSERT_TRUE(eventually([&] { return ended(Closing::writeDeadline) == 2; }, 40s));
    ASSERT_TRUE(eventually([this] { return connections() == 1; }));
    EXPECT_EQ(slowSocket.closeCode(), 0);
}

class FrameTest : public StreamTest {
 protected:
    void SetUp() override {
        Config listed = config();
        SiteConfig& site = listed.edge.sites.at(*SiteId::parse("demo"));
        site.anyOrigin = false;
        site.origins = {"https://shop.example"};
        start(listed);
    }
    StreamPeer frame(const Opened& opened, const std::string& origin) {
        return StreamPeer(port(), {.target = target(opened, "frame", "after=0&origin=" + origin)});
    }
};

TEST_F(FrameTest, ScriptBlocksToTheWindowAround) {
    const Opened opened = open();
    StreamPeer peer = frame(opened, "https://shop.example");
    EXPECT_EQ(peer.head.status, 200);
    EXPECT_EQ(peer.head.header("content-type"), "text/html; charset=utf-8");
    EXPECT_NE(
        peer.head.header("content-security-policy").find("frame-ancestors https://shop.example"),
        std::string::npos);
    EXPECT_TRUE(peer.reaches("parent.postMessage(m,\"https://shop.example\")"));
    EXPECT_TRUE(peer.reaches("<script>p({\"type\":\"events\",\"events\":[{\"seq\":1,"));
    EXPECT_TRUE(parked(Transport::frame, 1));
    ledger.say(opened.conversation, "</script><script>alert('x')&\xe2\x80\xa8");
    EXPECT_TRUE(
        peer.reaches("\\u003c/script\\u003e\\u003cscript\\u003ealert('x')\\u0026\\u2028\""));
    app->drain([] {});
    EXPECT_TRUE(peer.reaches("<script>p({\"type\":\"bye\",\"reason\":\"going_away\""));
    EXPECT_TRUE(peer.ends());
}

TEST_F(FrameTest, OnlyToOriginsOfTheSite) {
    const Opened opened = open();
    expectProblem(frame(opened, "https://evil.example").head, 403, "forbidden");
    for (const char* origin : {"", "*", "null", "https://x/%22)%3C/script%3E", "javascript:x",
                               "https://shop.example/", "https://"}) {
        EXPECT_EQ(frame(opened, origin).head.status, 400) << origin;
    }
    expectProblem(http({.target = target(opened, "frame", "after=0")}), 400, "malformed");
}

TEST_F(FrameTest, ItEndsBeforeItGrowsPastALimit) {
    const Opened opened = open();
    StreamPeer peer = frame(opened, "https://shop.example");
    const std::string text(8000, 'x');
    for (int i = 0; i < 100; ++i) ledger.say(opened.conversation, text);
    EXPECT_TRUE(peer.reaches("\"type\":\"bye\",\"reason\":\"full\",\"come_back_ms\":"));
    EXPECT_TRUE(peer.ends());
    EXPECT_TRUE(eventually([this] { return connections() == 0; }));
}

}  // namespace
}  // namespace parlor::gateway::test
