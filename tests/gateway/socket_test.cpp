// A visitor's WebSocket.

#include <chrono>

#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;

class SocketTest : public EdgeTest {
 protected:
    static boost::json::object frame(SocketPeer& peer) {
        const auto text = peer.receive();
        EXPECT_TRUE(text);
        return text ? boost::json::parse(*text).as_object() : boost::json::object();
    }
    static std::string describe(const boost::json::object& frame) {
        std::string text(frame.at("type").as_string());
        if (frame.contains("events")) {
            for (const auto& event : frame.at("events").as_array()) {
                text += " " + std::to_string(event.at("seq").as_int64());
            }
            text += " @" + std::string(frame.at("cursor").as_string());
        }
        if (frame.contains("gap")) text += " gap";
        if (frame.contains("reset")) text += " reset";
        return text;
    }
};

TEST_F(SocketTest, AConversation) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket());
    EXPECT_EQ(peer.protocol(), "parlor.v1.json");
    EXPECT_EQ(describe(frame(peer)), "events 1 @1.1");
    const auto id = RequestId::generate();
    peer.sendText(messageBody("hello", id));
    // Receipt and event, in either order.
    std::map<std::string, boost::json::object> frames;
    for (int i = 0; i < 2; ++i) {
        auto got = frame(peer);
        frames[std::string(got.at("type").as_string())] = got;
    }
    EXPECT_EQ(frames.at("receipt").at("request_id").as_string(), id.str());
    EXPECT_EQ(frames.at("receipt").at("seq").as_int64(), 2);
    EXPECT_EQ(frames.at("receipt").at("cursor").as_string(), "1.2");
    EXPECT_EQ(describe(frames.at("events")), "events 2 @1.2");
    ledger.say(opened.conversation, "welcome");
    EXPECT_EQ(describe(frame(peer)), "events 3 @1.3");
    EXPECT_TRUE(parked(Transport::webSocket, 1));
}

TEST_F(SocketTest, ResumesByCursorOnAnyTransport) {
    const Opened opened = open();
    for (int i = 0; i < 5; ++i) ledger.say(opened.conversation, "x");
    SocketPeer peer(port(), opened.socket("1.4"));
    EXPECT_EQ(describe(frame(peer)), "events 5 6 @1.6");
    SocketPeer foreign(port(), opened.socket("8.4"));
    EXPECT_EQ(describe(frame(foreign)), "events 1 2 3 4 5 6 @1.6 reset");
}

TEST_F(SocketTest, WithoutASubprotocolItIsJson) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket(), "");
    EXPECT_EQ(peer.protocol(), "");
    EXPECT_EQ(describe(frame(peer)), "events 1 @1.1");
    SocketPeer chooses(port(), opened.socket(), "other, parlor.v1.json");
    EXPECT_EQ(chooses.protocol(), "parlor.v1.json");
    EXPECT_THROW(SocketPeer(port(), opened.socket(), "other"), boost::system::system_error);
}

TEST_F(SocketTest, HandshakesThatAreRefused) {
    const Opened opened = open();
    EXPECT_THROW(SocketPeer(port(), opened.socket("x")), boost::system::system_error);
    EXPECT_THROW(SocketPeer(port(), "/v1/conversations/x/socket?access_token=" + opened.token),
                 boost::system::system_error);
    expectProblem(http({.target = opened.socket()}), 400, "malformed");
}

TEST_F(SocketTest, ABadTokenIsClosedWith4001) {
    const Opened opened = open();
    const Opened other = open();
    const std::string target =
        "/v1/conversations/" + opened.conversation.str() + "/socket?after=0&access_token=";
    for (const std::string& token : {std::string("nonsense"), std::string(), other.token}) {
        SocketPeer peer(port(), target + token);
        EXPECT_EQ(peer.closeCode(), 4001) << token;
    }
    EXPECT_TRUE(eventually([this] { return connections() == 0; }));
}

TEST_F(SocketTest, FramesThatAreMalformedAreClosedWith1008) {
    const Opened opened = open();
    for (const char* text :
         {"hello", "{}", "[]", R"({"typing":{}})", "{\"message\":{\"text\":\"x\"}}"}) {
        SocketPeer peer(port(), opened.socket());
        frame(peer);
        peer.sendText(text);
        EXPECT_EQ(peer.closeCode(), 1008) << text;
    }
    SocketPeer binary(port(), opened.socket());
    binary.sendBinary("x");
    EXPECT_EQ(binary.closeCode(), 1008);
    SocketPeer invalid(port(), opened.socket());
    invalid.sendText("\xff\xfe");
    EXPECT_EQ(invalid.closeCode(), 1007);
    EXPECT_EQ(ledger.posts(), 0U);
}

TEST_F(SocketTest, AFrameOver64KiBIsClosedWith1009) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket());
    peer.sendText(std::string(64 * 1024 + 1, ' '));
    EXPECT_EQ(peer.closeCode(), 1009);
}

TEST_F(SocketTest, ADraftThatIsRefusedGetsAProblem) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket("1.1"));
    const auto id = RequestId::generate();
    peer.sendText(messageBody(std::string(8193, 'x'), id));
    auto got = frame(peer);
    EXPECT_EQ(got.at("type").as_string(), "receipt");
    EXPECT_EQ(got.at("request_id").as_string(), id.str());
    EXPECT_EQ(got.at("problem").at("code").as_string(), "too_large");
    ledger.setFailure(Error{Errc::closed, "the conversation is closed"});
    peer.sendText(messageBody("x"));
    got = frame(peer);
    EXPECT_EQ(got.at("problem").at("code").as_string(), "closed");
    EXPECT_EQ(got.at("problem").at("status").as_int64(), 409);
    EXPECT_FALSE(got.at("problem").as_object().contains("retry_after_ms"));
}

TEST_F(SocketTest, ADraftThatCannotBeTakenNowIsToldWhenToTryAgain) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket("1.1"));
    ASSERT_TRUE(parked(Transport::webSocket, 1));
    cutBroker();
    peer.sendText(messageBody("x"));
    const auto got = frame(peer);
    EXPECT_EQ(got.at("problem").at("code").as_string(), "unavailable");
    EXPECT_EQ(got.at("problem").at("retry_after_ms").as_int64(), 2000);
}

TEST_F(SocketTest, ManyDraftsKeepTheirOrder) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket("1.1"));
    for (int i = 0; i < 100; ++i) peer.sendText(messageBody(std::to_string(i)));
    ASSERT_TRUE(eventually([&] { return ledger.events(opened.conversation).size() == 101; }));
    const auto events = ledger.events(opened.conversation);
    for (std::size_t i = 0; i < 100; ++i) {
        EXPECT_EQ(events[i + 1].message().text(), std::to_string(i));
    }
}

TEST_F(SocketTest, TypingInBothDirections) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket("1.1"));
    ASSERT_TRUE(parked(Transport::webSocket, 1));
    peer.sendText(R"({"typing":{"active":true,"preview":"hel"}})");
    std::vector<bus::Message> signals;
    ASSERT_TRUE(eventually([&] { return !(signals = ledger.takeSignals()).empty(); }));
    EXPECT_EQ(signals[0].topic, "parlor/demo/c/" + opened.conversation.str() + "/in/live");
    EXPECT_EQ(signals[0].qos, bus::Qos::atMostOnce);
    EXPECT_EQ(signals[0].expiry, 10s);
    EXPECT_EQ(decode<v1::Live>(signals[0].payload)->typing().preview(), "hel");
    v1::Live live;
    live.mutable_typing()->set_active(true);
    ledger.live(opened.conversation, live);
    EXPECT_EQ(boost::json::serialize(frame(peer)),
              R"({"type":"live","from":{"kind":"agent","id":"alice"},"typing":{"active":true}})");
}

TEST_F(SocketTest, DrainedWith1001) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket());
    frame(peer);
    std::atomic<bool> drained{false};
    app->drain([&] { drained = true; });
    EXPECT_EQ(peer.closeCode(), 1001);
    EXPECT_TRUE(eventually([&] { return drained.load(); }));
}

TEST_F(SocketTest, WithoutABrokerItIsSentElsewhere) {
    const Opened opened = open();
    cutBroker();
    SocketPeer peer(port(), opened.socket());
    EXPECT_EQ(peer.closeCode(), 4004);
}

TEST_F(SocketTest, OneThatWasThereOutlivesAShortLossOfTheBroker) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket());
    frame(peer);
    cutBroker();
    ledger.say(opened.conversation, "meanwhile");
    restoreBroker();
    EXPECT_EQ(describe(frame(peer)), "events 2 @1.2");
}

TEST_F(SocketTest, AWhileWithoutABrokerEndsIt) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket());
    frame(peer);
    cutBroker();
    const auto text = peer.receive(15s);
    EXPECT_FALSE(text);
    EXPECT_EQ(peer.closeCode(), 4004);
}

TEST_F(SocketTest, AHoleIsSaidOnceAndFilledLater) {
    const Opened opened = open();
    start();
    ledger.setSilent(true);
    broker.dropRetained();
    SocketPeer peer(port(), opened.socket("1.1"));
    EXPECT_EQ(describe(frame(peer)), "events @1.1 gap");
    ledger.setSilent(false);
    ledger.say(opened.conversation, "x");
    EXPECT_EQ(describe(frame(peer)), "events 2 @1.2");
}

TEST_F(SocketTest, AClientThatIsCutIsForgotten) {
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket());
    frame(peer);
    peer.cut();
    EXPECT_TRUE(eventually([this] { return connections() == 0; }));
    EXPECT_TRUE(parked(Transport::webSocket, 0));
    ledger.say(opened.conversation, "into the void");
    EXPECT_EQ(http({.target = "/healthz"}).status, 200);
}

TEST_F(SocketTest, AnOriginThatIsNotListedIsRefused) {
    Config listed = config();
    SiteConfig& site = listed.edge.sites.at(*SiteId::parse("demo"));
    site.anyOrigin = false;
    site.origins = {"https://shop.example"};
    start(listed);
    const Opened opened = open();
    EXPECT_THROW(SocketPeer(port(), opened.socket(), "", "https://evil.example"),
                 boost::system::system_error);
    SocketPeer good(port(), opened.socket(), "", "https://shop.example");
    EXPECT_EQ(describe(frame(good)), "events 1 @1.1");
}

TEST_F(SocketTest, AReaderThatDoesNotReadHoldsBackNothingButItself) {
    const Opened opened = open();
    SocketPeer slow(port(), opened.socket(), "parlor.v1.json", "", kSmallBuffer);
    SocketPeer quick(port(), opened.socket());
    const auto readUntil = [&](SocketPeer& peer, std::uint64_t& next, std::uint64_t seq) {
        while (next <= seq) {
            const auto got = peer.receive();
            ASSERT_TRUE(got) << "before " << next;
            const auto parsed = boost::json::parse(*got);
            for (const auto& event : parsed.at("events").as_array()) {
                ASSERT_EQ(event.at("seq").to_number<std::uint64_t>(), next++);
            }
        }
    };
    std::uint64_t quickNext = 1;
    readUntil(quick, quickNext, 1);
    const auto last = sayUntilOneIsStuck(
        opened, Transport::webSocket, [&](std::uint64_t seq) { readUntil(quick, quickNext, seq); });
    std::uint64_t slowNext = 1;
    readUntil(slow, slowNext, last);
    EXPECT_GE(counted([](const Stats& stats) -> const Counter& { return stats.histories; }), 1U);
}

TEST_F(SocketTest, OneThatAsksForMoreThanItReadsIsClosedWith4002) {
    const Opened opened = open();
    SocketPeer slow(port(), opened.socket(), "parlor.v1.json", "", kSmallBuffer);
    SocketPeer quick(port(), opened.socket());
    frame(quick);
    sayUntilOneIsStuck(opened, Transport::webSocket, [&](std::uint64_t) { frame(quick); });
    EXPECT_EQ(ended(Closing::queueFull), 0U);
    const std::string tooLong = messageBody(std::string(8193, 'x'));
    for (int i = 0; i < 2000; ++i) slow.sendText(tooLong);  // each is answered
    ASSERT_TRUE(eventually([&] { return ended(Closing::queueFull) == 1; }));
    EXPECT_EQ(slow.closeCode(), 4002);  // it reads on in time
}

TEST_F(SocketTest, OneThatDidNotReadIsToldTheNewestSignalOfEachPartyAndKind) {
    const Opened opened = open();
    SocketPeer slow(port(), opened.socket(), "parlor.v1.json", "", kSmallBuffer);
    SocketPeer quick(port(), opened.socket());
    const auto readPage = [&] {
        while (frame(quick).at("type") != "events") {
        }
    };
    readPage();
    sayUntilOneIsStuck(opened, Transport::webSocket, [&](std::uint64_t) { readPage(); });

    const auto types = [&](const std::string& agent, bool active) {
        v1::Live live;
        live.mutable_typing()->set_active(active);
        ledger.live(opened.conversation, live, agent);
    };
    const auto reads = [&](std::uint64_t seq) {
        v1::Live live;
        live.mutable_read()->set_seq(seq);
        ledger.live(opened.conversation, live, "alice");
    };
    types("bob", true);
    for (std::uint64_t i = 1; i <= 30; ++i) {
        types("alice", true);
        reads(i);
        types("alice", false);
    }
    reads(29);  // overtaken on its way: nothing goes back
    ledger.say(opened.conversation, "behind them");
    readPage();

    std::string signals;
    while (signals.find(R"("active":false)") == std::string::npos) {
        const auto text = slow.receive();
        ASSERT_TRUE(text) << signals;
        if (text->starts_with(R"({"type":"live")")) signals += *text + "\n";
    }
    EXPECT_EQ(signals,
              "{\"type\":\"live\",\"from\":{\"kind\":\"agent\",\"id\":\"bob\"},"
              "\"typing\":{\"active\":true}}\n"
              "{\"type\":\"live\",\"from\":{\"kind\":\"agent\",\"id\":\"alice\"},"
              "\"read\":{\"seq\":30}}\n"
              "{\"type\":\"live\",\"from\":{\"kind\":\"agent\",\"id\":\"alice\"},"
              "\"typing\":{\"active\":false}}\n");
    EXPECT_EQ(counted([](const Stats& stats) -> const Counter& {
                  return stats.drops[static_cast<std::size_t>(Drop::liveOverflow)];
              }),
              0U);
}

}  // namespace
}  // namespace parlor::gateway::test
