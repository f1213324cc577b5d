#include "gateway/edge/proxy_protocol.h"

#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using State = ProxyHeader::State;

// Version 2: signature, version and command, family, length, addresses.
std::string binary(char command, char family, const std::string& block) {
    std::string bytes("\r\n\r\n\0\r\nQUIT\n", 12);
    bytes += command;
    bytes += family;
    bytes += static_cast<char>(block.size() >> 8U);
    bytes += static_cast<char>(block.size() & 0xffU);
    return bytes + block;
}

const std::string kIpv4Block("\x01\x02\x03\x04\x7f\0\0\x01\x30\x39\0\x50", 12);

// Feeds it as a connection does: as many bytes as it asks for. What it says of the whole, which
// must have been used up.
ProxyHeader feed(const std::string& bytes) {
    std::size_t have = 0;
    for (;;) {
        const ProxyHeader header = readProxyHeader(std::string_view(bytes).substr(0, have));
        if (header.state != State::incomplete) {
            if (header.state == State::complete) {
                EXPECT_EQ(have, bytes.size());
            }
            return header;
        }
        EXPECT_GT(header.need, 0U);
        if (have + header.need > bytes.size()) return header;
        have += header.need;
    }
}

std::string sourceOf(const std::string& bytes) {
    const ProxyHeader header = feed(bytes);
    if (header.state == State::malformed) return "malformed";
    if (header.state == State::incomplete) return "incomplete";
    return header.source ? header.source->to_string() : "none";
}

TEST(ProxyProtocol, Version1) {
    EXPECT_EQ(sourceOf("PROXY TCP4 1.2.3.4 5.6.7.8 56324 443\r\n"), "1.2.3.4");
    EXPECT_EQ(sourceOf("PROXY TCP6 2001:db8::1 ::1 56324 443\r\n"), "2001:db8::1");
    EXPECT_EQ(sourceOf("PROXY UNKNOWN\r\n"), "none");
    EXPECT_EQ(sourceOf("PROXY UNKNOWN ffff:f ffff:f 65535 65535\r\n"), "none");
    EXPECT_EQ(sourceOf("PROXY TCP4 1.2.3.4 5.6.7.8 56324 44"), "incomplete");
    for (const char* bytes :
         {"GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 1.2.3.4\r\n", "PROXY TCP4 ::1 ::1 1 2\r\n",
          "PROXY TCP4 x y 1 2\r\n", "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n",
          "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\nGET /"}) {
        EXPECT_EQ(sourceOf(bytes), "malformed") << bytes;
    }
    EXPECT_EQ(sourceOf("PROXY TCP4 " + std::string(200, '1')), "malformed");
}

TEST(ProxyProtocol, Version2) {
    EXPECT_EQ(sourceOf(binary('\x21', '\x11', kIpv4Block)), "1.2.3.4");
    // With more behind the addresses (TLVs).
    EXPECT_EQ(sourceOf(binary('\x21', '\x11', kIpv4Block + "more")), "1.2.3.4");
    std::string ipv6(36, '\0');
    ipv6[15] = '\x07';
    EXPECT_EQ(sourceOf(binary('\x21', '\x21', ipv6)), "::7");
    EXPECT_EQ(sourceOf(binary('\x20', '\0', "")), "none");                       // LOCAL
    EXPECT_EQ(sourceOf(binary('\x21', '\x31', std::string(216, 'x'))), "none");  // a Unix socket
    EXPECT_EQ(sourceOf(binary('\x21', '\x11', kIpv4Block.substr(1))), "malformed");
    EXPECT_EQ(sourceOf(binary('\x11', '\x11', kIpv4Block)), "malformed");
    EXPECT_EQ(sourceOf(binary('\x21', '\x11', std::string(2000, 'x'))), "malformed");
    EXPECT_EQ(sourceOf(binary('\x21', '\x11', kIpv4Block).substr(0, 20)), "incomplete");
    EXPECT_EQ(sourceOf(std::string("\r\n\r\nGET", 7) + std::string(20, 'x')), "malformed");
}

class ProxyTest : public EdgeTest {
 protected:
    void SetUp() override { startWith({"127.0.0.0/8"}); }
    void startWith(const std::vector<std::string>& trusted) {
        Config proxied = config();
        proxied.edge.proxyProtocol = true;
        for (const std::string& network : trusted) {
            proxied.edge.trustedProxies.push_back(*Network::parse(network));
        }
        proxied.edge.opens = {.perSecond = 0.01, .burst = 1};
        start(std::move(proxied));
    }
    int openBehind(const std::string& header) {
        HttpPeer peer(port());
        peer.send(header +
                  formatRequest(
                      {.method = "POST", .target = "/v1/sites/demo/conversations", .body = "{}"}));
        return peer.receive().status;
    }
};

TEST_F(ProxyTest, WhoIsBehindIsCounted) {
    const std::string first = "PROXY TCP4 1.2.3.4 127.0.0.1 1 2\r\n";
    EXPECT_EQ(openBehind(first), 201);
    EXPECT_EQ(openBehind(first), 429);
    EXPECT_EQ(openBehind(binary('\x21', '\x11', kIpv4Block)), 429);  // the same, in version 2
    EXPECT_EQ(openBehind("PROXY TCP4 1.2.3.5 127.0.0.1 1 2\r\n"), 201);
    // The proxy itself is nobody to count.
    EXPECT_EQ(openBehind(binary('\x20', '\0', "")), 201);
    EXPECT_EQ(openBehind("PROXY UNKNOWN\r\n"), 201);
}

TEST_F(ProxyTest, WithoutAHeaderATrustedProxyIsClosed) {
    HttpPeer peer(port());
    peer.send(formatRequest({.target = "/healthz"}));
    EXPECT_TRUE(peer.closes());
    HttpPeer gone(port());
    gone.send("PROXY TC");
    gone.close();
    EXPECT_TRUE(parlor::test::eventually([this] { return connections() == 0; }));
}

TEST_F(ProxyTest, WhoIsNotTrustedCannotSayWhoItIs) {
    startWith({"10.0.0.0/8"});
    EXPECT_EQ(http({.target = "/healthz"}).status, 200);
    EXPECT_EQ(openBehind("PROXY TCP4 1.2.3.4 127.0.0.1 1 2\r\n"), 400);
}

}  // namespace
}  // namespace parlor::gateway::test
