// TLS by the gateway itself, with certificates made by the openssl program.

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <filesystem>

#include "gateway/edge/limits.h"
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
        startTls(config());
    }
    void startTls(Config secure) {
        secure.tls = TlsConfig{.listen = {asio::ip::address_v4::loopback(), 0},
                               .certificateFile = dir.file("crt"),
                               .keyFile = dir.file("key")};
        start(secure);
    }
    void issue(const std::string& name) { issueCertificate(dir, name); }
    std::uint16_t tlsPort() const { return app->tlsEndpoint().port(); }

    std::uint64_t refused() {
        return counted([](const Stats& s) -> const Counter& { return s.connectionsRefused; });
    }
    // Whether the handshake is begun in vain.
    bool isRefused() {
        try {
            const TlsPeer peer(tlsPort());
            return false;
        } catch (const boost::system::system_error&) {
            return true;
        }
    }
    // The gateway's end, which is in this process, of a client's connection; -1: it is closed.
    int gatewaysEnd(std::uint16_t clientPort) const {
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            const int descriptor = std::stoi(entry.path().filename());
            sockaddr_in ours{};
            sockaddr_in theirs{};
            socklen_t length = sizeof ours;
            if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&ours), &length) != 0 ||
                ours.sin_family != AF_INET || ntohs(ours.sin_port) != tlsPort()) {
                continue;
            }
            length = sizeof theirs;
            if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&theirs), &length) == 0 &&
                ntohs(theirs.sin_port) == clientPort) {
                return descriptor;
            }
        }
        return -1;
    }
    bool isCutOff(TlsPeer& peer) {
        return eventually([&] { return gatewaysEnd(peer.localPort()) < 0; },
                          limits::kTlsWriteDeadline + 20s);
    }

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

// One where all of the answer is in the gateway's TLS, and one with more behind it.
TEST_F(TlsTest, WhoAsksForMuchAndDoesNotReadIsCutOff) {
    constexpr int kMuch = 20;  // 16 MB: more than any kernel keeps for one connection
    constexpr int kSmallest = 1;
    const Opened little = open();
    for (int i = 0; i < 12; ++i) ledger.say(little.conversation, std::string(8000, 'x'));
    const Opened big = open();
    for (int i = 0; i < 99; ++i) ledger.say(big.conversation, std::string(8000, 'x'));
    const auto ask = [](TlsPeer& peer, const Opened& opened) {
        peer.send(
            formatRequest({.target = opened.events("?after=0&wait=20"), .token = opened.token}));
    };
    const auto answers = [this] {
        return counted([](const Stats& s) -> const Counter& { return s.answers[2]; });
    };
    TlsPeer one(tlsPort(), kSmallBuffer);
    ASSERT_EQ(::setsockopt(gatewaysEnd(one.localPort()), SOL_SOCKET, SO_SNDBUF, &kSmallest,
                           sizeof kSmallest),
              0);
    TlsPeer other(tlsPort(), kSmallBuffer);
    const auto before = answers();
    ask(one, little);
    for (int i = 0; i < kMuch; ++i) ask(other, big);
    EXPECT_TRUE(isCutOff(one));
    EXPECT_TRUE(isCutOff(other));
    EXPECT_EQ(ended(Closing::writeDeadline), 2U);
    EXPECT_TRUE(eventually([this] { return connections() == 0; }));
    EXPECT_GT(answers(), before + 1);
    EXPECT_LT(answers(), before + 1 + kMuch);
    TlsPeer next(tlsPort());
    next.send(formatRequest({.target = "/healthz"}));
    EXPECT_EQ(next.receive().body(), "ok\n");
}

TEST_F(TlsTest, ConnectionsAreBounded) {
    Config few = config();
    few.edge.maxConnections = 3;
    startTls(few);
    HttpPeer plain(port());
    HttpPeer silent(tlsPort());  // whose handshake does not come
    ASSERT_TRUE(eventually([this] { return connections() == 2; }));
    TlsPeer peer(tlsPort());
    ASSERT_EQ(connections(), 3);
    EXPECT_TRUE(isRefused());
    HttpPeer another(port());
    EXPECT_TRUE(another.closes());
    EXPECT_EQ(refused(), 2U);
    EXPECT_EQ(connections(), 3);
    // Each place becomes free again.
    silent.close();
    ASSERT_TRUE(eventually([this] { return connections() == 2; }));
    peer.cut();
    ASSERT_TRUE(eventually([this] { return connections() == 1; }));
    TlsPeer next(tlsPort());
    next.send(formatRequest({.target = "/healthz"}));
    EXPECT_EQ(next.receive().body(), "ok\n");
    EXPECT_EQ(refused(), 2U);
}

TEST_F(TlsTest, ConnectionsAreLimitedByAddress) {
    Config limited = config();
    limited.edge.maxPerAddress = 2;
    startTls(limited);  // no proxy is trusted: this machine is one address
    HttpPeer silent(tlsPort());
    TlsPeer peer(tlsPort());
    ASSERT_EQ(connections(), 2);
    EXPECT_TRUE(isRefused());
    EXPECT_EQ(refused(), 1U);
    silent.close();
    ASSERT_TRUE(eventually([this] { return connections() == 1; }));
    EXPECT_FALSE(isRefused());
}

// The handshake is there, but not the two descriptors for what is behind it.
TEST_F(TlsTest, WithoutDescriptorsTheConnectionIsRefused) {
    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    TlsStream stream(io, context);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), tlsPort()});
    ASSERT_TRUE(eventually([this] { return connections() == 1; }));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(next);
    const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    ErrorCode failed;
    stream.handshake(asio::ssl::stream_base::client, failed);
    std::array<char, 16> bytes;
    while (!failed) stream.read_some(asio::buffer(bytes), failed);
    EXPECT_TRUE(eventually([this] { return connections() == 0; }));
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(refused(), 1U);
    EXPECT_FALSE(isRefused());
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
