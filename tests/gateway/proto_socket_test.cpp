// The WebSocket's subprotocol parlor.v1.proto, and what both subprotocols share.

#include <chrono>

#include "parlor/v1/socket.pb.h"
#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;

class ProtoSocketTest : public EdgeTest {
 protected:
    SocketPeer connect(const Opened& opened, const std::string& after = "0") {
        return SocketPeer(port(), opened.socket(after), "parlor.v1.proto");
    }
    static v1::ServerFrame frame(SocketPeer& peer) {
        const auto bytes = peer.receive();
        EXPECT_TRUE(bytes);
        v1::ServerFrame got;
        EXPECT_TRUE(got.ParseFromString(bytes.value_or("")));
        return got;
    }
    static std::string seqs(const v1::ServerFrame& frame) {
        std::string text;
        for (const v1::Event& event : frame.page().events()) {
            text += std::to_string(event.seq()) + " ";
        }
        text +=
            "@" + std::to_string(frame.page().epoch()) + "." + std::to_string(frame.page().seq());
        if (frame.page().reset()) text += " reset";
        if (frame.page().gap()) text += " gap";
        return text;
    }
    static void send(SocketPeer& peer, const v1::ClientFrame& frame) {
        peer.sendBinary(frame.SerializeAsString());
    }
    static v1::ClientFrame message(const std::string& text, const RequestId& id) {
        v1::ClientFrame frame;
        frame.mutable_draft()->set_request_id(id.str());
        frame.mutable_draft()->mutable_message()->set_text(text);
        return frame;
    }
};

TEST_F(ProtoSocketTest, AConversation) {
    const Opened opened = open();
    SocketPeer peer = connect(opened);
    EXPECT_EQ(peer.protocol(), "parlor.v1.proto");
    EXPECT_EQ(seqs(frame(peer)), "1 @1.1");
    const auto id = RequestId::generate();
    send(peer, message("hello", id));
    for (int i = 0; i < 2; ++i) {  // receipt and event, in either order
        const auto got = frame(peer);
        if (got.has_receipt()) {
            EXPECT_EQ(got.receipt().request_id(), id.str());
            EXPECT_EQ(got.receipt().recorded().seq(), 2U);
        } else {
            EXPECT_EQ(seqs(got), "2 @1.2");
            EXPECT_EQ(got.page().events(0).message().text(), "hello");
            EXPECT_EQ(got.page().events(0).author().kind(), v1::Party::KIND_VISITOR);
        }
    }
    ledger.say(opened.conversation, "welcome");
    EXPECT_EQ(seqs(frame(peer)), "3 @1.3");
}

TEST_F(ProtoSocketTest, EventsThatCameBeforeItAreThereToo) {
    const Opened opened = open();
    SocketPeer json(port(), opened.socket());
    json.receive();
    ledger.say(opened.conversation, "two");
    json.receive();
    // They were kept as JSON only.
    SocketPeer peer = connect(opened);
    EXPECT_EQ(seqs(frame(peer)), "1 2 @1.2");
    ledger.say(opened.conversation, "three");
    EXPECT_EQ(seqs(frame(peer)), "3 @1.3");
    EXPECT_TRUE(json.receive());
    SocketPeer foreign = connect(opened, "7.1");
    EXPECT_EQ(seqs(frame(foreign)), "1 2 3 @1.3 reset");
}

TEST_F(ProtoSocketTest, SignalsInBothDirections) {
    const Opened opened = open();
    SocketPeer peer = connect(opened, "1.1");
    ASSERT_TRUE(parked(Transport::webSocket, 1));
    v1::ClientFrame typing;
    typing.mutable_live()->mutable_typing()->set_active(true);
    send(peer, typing);
    EXPECT_TRUE(eventually([&] { return !ledger.takeSignals().empty(); }));
    v1::ClientFrame presence;
    presence.mutable_presence()->set_state(v1::Presence::STATE_AWAY);
    send(peer, presence);
    EXPECT_TRUE(eventually([&] {
        return ledger.lastPresence(opened.conversation).state() == v1::Presence::STATE_AWAY;
    }));
    v1::Live live;
    live.mutable_typing()->set_active(true);
    live.mutable_typing()->set_preview("not for visitors");
    ledger.live(opened.conversation, live);
    const auto got = frame(peer);
    EXPECT_EQ(got.signal().from().id(), "alice");
    EXPECT_TRUE(got.signal().live().typing().active());
    EXPECT_EQ(got.signal().live().typing().preview(), "");
}

TEST_F(ProtoSocketTest, WhatIsWrong) {
    const Opened opened = open();
    v1::ClientFrame agents;
    agents.mutable_draft()->set_request_id(RequestId::generate().str());
    agents.mutable_draft()->mutable_accept();
    SocketPeer peer = connect(opened, "1.1");
    send(peer, agents);  // is not for visitors, but can be answered
    EXPECT_EQ(frame(peer).receipt().failure().code(), v1::ERROR_CODE_MALFORMED);
    send(peer, message(std::string(8193, 'x'), RequestId::generate()));
    EXPECT_EQ(frame(peer).receipt().failure().code(), v1::ERROR_CODE_TOO_LARGE);
    v1::ClientFrame position;
    position.mutable_live()->mutable_queue_position()->set_position(1);
    v1::ClientFrame nowhere;
    nowhere.mutable_presence();
    for (const std::string& bytes : {std::string("\xff\xff"), std::string(),
                                     position.SerializeAsString(), nowhere.SerializeAsString()}) {
        SocketPeer bad = connect(opened, "1.1");
        bad.sendBinary(bytes);
        EXPECT_EQ(bad.closeCode(), 1008);
    }
    SocketPeer text = connect(opened, "1.1");
    text.sendText("{}");
    EXPECT_EQ(text.closeCode(), 1008);
    EXPECT_EQ(ledger.posts(), 0U);
}

TEST_F(ProtoSocketTest, AHoleIsSaid) {
    const Opened opened = open();
    start();
    ledger.setSilent(true);
    broker.dropRetained();
    SocketPeer peer = connect(opened, "1.1");
    EXPECT_EQ(seqs(frame(peer)), "@1.1 gap");
}

TEST_F(ProtoSocketTest, ANewConnectionOfTheSameClientReplacesTheOld) {
    const Opened opened = open();
    SocketPeer old(port(), opened.socket() + "&client=tab1");
    EXPECT_TRUE(old.receive());
    SocketPeer otherTab(port(), opened.socket() + "&client=tab2");
    SocketPeer nameless(port(), opened.socket());
    HttpPeer stream(port());
    stream.send(formatRequest(
        {.target = "/v1/conversations/" + opened.conversation.str() + "/stream?after=0&client=tab1",
         .token = opened.token}));
    EXPECT_EQ(old.closeCode(), 4005);
    SocketPeer next = SocketPeer(port(), opened.socket() + "&client=tab1", "parlor.v1.proto");
    EXPECT_TRUE(next.receive());
    std::string text;
    EXPECT_TRUE(eventually([&] {
        text += stream.receiveSome(1s);
        return text.find(R"({"type":"bye","reason":"replaced"})") != std::string::npos;
    }));
    EXPECT_TRUE(parked(Transport::webSocket, 3));
    EXPECT_THROW(SocketPeer(port(), opened.socket() + "&client=a%20b"),
                 boost::system::system_error);
}

TEST_F(ProtoSocketTest, ATokenThatExpiresWhileConnected) {
    Config brief = config();
    brief.tokenLifetime = 8s;
    start(brief);
    const Opened opened = open();
    SocketPeer peer(port(), opened.socket());
    EXPECT_TRUE(peer.receive());
    EXPECT_EQ(peer.closeCode(), 4001);  // when it expires, not at the next ping
}

TEST_F(ProtoSocketTest, APingThatScriptsSee) {
    const Opened opened = open();
    SocketPeer json(port(), opened.socket("1.1"));
    SocketPeer proto = connect(opened, "1.1");
    EXPECT_EQ(json.receive(60s), R"({"type":"ping"})");
    EXPECT_TRUE(frame(proto).has_ping());
}

TEST_F(ProtoSocketTest, CompressionOnlyWhereItIsConfigured) {
    const Opened opened = open();
    EXPECT_EQ(SocketPeer::extensionsOf(port(), opened.socket()), "");
    Config deflating = config();
    deflating.edge.deflate = true;
    start(deflating);
    EXPECT_NE(SocketPeer::extensionsOf(port(), opened.socket()).find("permessage-deflate"),
              std::string::npos);
}

}  // namespace
}  // namespace parlor::gateway::test
