// TLS by the gateway itself, with certificates made by the openssl program.

#include <atomic>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>

#include "tests/gateway/support/edge_test.h"
#include "tests/gateway/support/tls_peer.h"
#include "tests/support/temp_dir.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;
using parlor::test::eventually;

class TlsTest : public EdgeTest {
 protected:
    void SetUp() override {
        issue("one");
        Config secure = config();
        secure.tls = TlsConfig{.listen = {asio::ip::address_v4::loopback(), 0},
                               .certificateFile = dir.file("crt"),
                               .keyFile = dir.file("key")};
        start(secure);
    }
    void issue(const std::string& name) { issueCertificate(dir, name); }
    std::uint16_t tlsPort() const { return app->tlsEndpoint().port(); }

    parlor::test::TempDir dir;
};

TEST_F(TlsTest, RequestsOneAfterTheOther) {
    const Opened opened = open();
    TlsPeer peer(tlsPort());
    EXPECT_EQ(peer.subject(), "one");
    peer.send(formatRequest({.target = "/healthz"}) + formatRequest({.target = "/readyz"}));
    EXPECT_EQ(peer.receive().body(), "ok\n");
    EXPECT_EQ(peer.receive().body(), "ready\n");
    peer.send(
        formatRequest({.target = opened.events("?after=1.1&wait=20"), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    ledger.say(opened.conversation, "hello");
    EXPECT_NE(peer.receive().body().find("hello"), std::string::npos);
    peer.send(formatRequest({.method = "POST",
                             .target = opened.events(),
                             .token = opened.token,
                             .body = messageBody(std::string(8000, 'x'))}));
    EXPECT_EQ(peer.receive().result_int(), 201U);
    EXPECT_EQ(http({.target = "/healthz"}).status, 200);  // the plain port is there as well
}

TEST_F(TlsTest, ABigAnswerToASlowReader) {
    const Opened opened = open();
    for (int i = 0; i < 99; ++i) ledger.say(opened.conversation, std::string(8000, 'x'));
    TlsPeer peer(tlsPort(), kSmallBuffer);
    peer.send(formatRequest({.target = opened.events("?after=0&wait=20"), .token = opened.token}) +
              formatRequest({.target = "/healthz"}));
    const auto answer = boost::json::parse(peer.receive().body());
    EXPECT_EQ(answer.at("events").as_array().size(), 100U);
    EXPECT_EQ(peer.receive().body(), "ok\n");
}

TEST_F(TlsTest, AWebSocket) {
    const Opened opened = open();
    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    beast::websocket::stream<TlsStream> stream(io, context);
    beast::get_lowest_layer(stream).connect({asio::ip::address_v4::loopback(), tlsPort()});
    stream.next_layer().handshake(asio::ssl::stream_base::client);
    stream.handshake("localhost", opened.socket());
    beast::flat_buffer buffer;
    stream.read(buffer);
    EXPECT_NE(beast::buffers_to_string(buffer.data()).find("\"cursor\":\"1.1\""),
              std::string::npos);
    stream.write(asio::buffer(messageBody("x")));
    ASSERT_TRUE(eventually([&] { return ledger.events(opened.conversation).size() == 2; }));
    app->drain([] {});
    ErrorCode failed;
    while (!failed) stream.read(buffer, failed);
    EXPECT_EQ(stream.reason().code, 1001);
}

TEST_F(TlsTest, WhoGoesAwayIsForgotten) {
    const Opened opened = open();
    ASSERT_TRUE(eventually([this] { return connections() == 0; }));
    TlsPeer peer(tlsPort());
    peer.send(
        formatRequest({.target = opened.events("?after=1.1&wait=20"), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    peer.cut();
    EXPECT_TRUE(parked(Transport::longPoll, 0));
    EXPECT_TRUE(eventually([this] { return connections() == 0; }));
}

TEST_F(TlsTest, WhatIsNotTlsIsClosed) {
    HttpPeer plain(tlsPort());
    plain.send(formatRequest({.target = "/healthz"}));
    EXPECT_TRUE(plain.closes());
    HttpPeer silent(tlsPort());
    EXPECT_EQ(ended(Closing::requestDeadline), 0U);
    EXPECT_TRUE(silent.closes(30s));  // after the deadline of a handshake
    EXPECT_EQ(ended(Closing::requestDeadline), 1U);
    EXPECT_TRUE(eventually([this] { return connections() == 0; }));
}

TEST_F(TlsTest, DrainedLikeAnyOther) {
    const Opened opened = open();
    TlsPeer peer(tlsPort());
    peer.send(
        formatRequest({.target = opened.events("?after=1.1&wait=20"), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    std::atomic<bool> drained{false};
    app->drain([&] { drained = true; });
    EXPECT_EQ(peer.receive().result_int(), 204U);
    EXPECT_TRUE(peer.ends());
    EXPECT_TRUE(eventually([&] { return drained.load(); }));
}

TEST_F(TlsTest, ANewCertificateIsShownToWhoComesThen) {
    TlsPeer before(tlsPort());
    issue("two");
    app->reload();
    TlsPeer after(tlsPort());
    EXPECT_EQ(after.subject(), "two");
    before.send(formatRequest({.target = "/healthz"}));
    EXPECT_EQ(before.receive().body(), "ok\n");
    dir.write("crt", "nonsense");
    app->reload();  // stays with what it has
    EXPECT_EQ(TlsPeer(tlsPort()).subject(), "two");
}

TEST_F(TlsTest, AWrongCertificateStopsTheStart) {
    issue("one");
    dir.write("key", "nonsense");
    EXPECT_THROW(TlsContext(dir.file("crt"), dir.file("key")), std::runtime_error);
    EXPECT_THROW(TlsContext(dir.file("none"), dir.file("key")), std::runtime_error);
}

}  // namespace
}  // namespace parlor::gateway::test
