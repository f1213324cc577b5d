// The gateway's own process, on a real Mosquitto: SIGHUP makes it read its certificate again.

#include <csignal>
#include <fstream>
#include <regex>

#include "bus/mqtt_bus.h"
#include "tests/gateway/support/auto_ledger.h"
#include "tests/gateway/support/http_peer.h"
#include "tests/gateway/support/tls_peer.h"
#include "tests/support/eventually.h"
#include "tests/support/mosquitto.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;
using parlor::test::Process;

class ReloadTest : public testing::Test {
 protected:
    void SetUp() override {
        issueCertificate(dir, "one");
        dir.write("keys", "k1:" + std::string(64, 'a') + "\n");
        const std::string config =
            dir.write("properties",
                      "http.listen = 127.0.0.1:0\nhttp.shards = 1\nhttps.listen = 127.0.0.1:0\n"
                      "https.certificateFile = " +
                          dir.file("crt") + "\nhttps.keyFile = " + dir.file("key") +
                          "\nbroker.servers = " + broker.address() +
                          "\ntoken.keyFile = " + dir.file("keys") + "\n");
        gateway.emplace(Process::Options{.arguments = {PARLOR_GATEWAY, "--config=" + config},
                                         .logFile = dir.file("gateway.log"),
                                         .environment = {},
                                         .workingDirectory = {}});
        ASSERT_TRUE(eventually([this] { return logged("listening"); }, 60s)) << gateway->log();
        plainPort = portAfter("address=");
        tlsPort = portAfter("tls=");
        ASSERT_TRUE(eventually(
            [this] { return http(plainPort, {.target = "/readyz"}).status == 200; }, 60s))
            << gateway->log();
    }
    bool logged(const std::string& text) { return gateway->log().find(text) != std::string::npos; }
    std::uint16_t portAfter(const std::string& key) {
        std::smatch found;
        const std::string log = gateway->log();
        EXPECT_TRUE(std::regex_search(log, found, std::regex(key + "127.0.0.1:([0-9]+)"))) << log;
        return found.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(std::stoi(found[1]));
    }
    bool parked(int count) {
        return eventually(
            [&] {
                const std::string page = http(plainPort, {.target = "/metrics"}).body;
                return page.find("parlor_gateway_parked{transport=\"long_poll\"} " +
                                 std::to_string(count)) != std::string::npos;
            },
            30s);
    }
    std::string subject() { return TlsPeer(tlsPort).subject(); }

    const parlor::test::TempDir dir;
    parlor::test::Mosquitto broker;
    AutoLedger ledger{bus::makeMosquittoBus({.servers = {broker.address()}, .clientId = "ledger"})};
    std::optional<Process> gateway;
    std::uint16_t plainPort = 0;
    std::uint16_t tlsPort = 0;
};

TEST_F(ReloadTest, SighupShowsTheNewCertificateAndCutsNobodyOff) {
    const Answer answer =
        http(plainPort, {.method = "POST", .target = "/v1/sites/demo/conversations", .body = "{}"});
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto opened = answer.json();
    const std::string name(opened.at("conversation").as_string());
    TlsPeer before(tlsPort);
    EXPECT_EQ(before.subject(), "one");
    before.send(formatRequest({.target = "/v1/conversations/" + name + "/events?after=1.1&wait=60",
                               .token = std::string(opened.at("token").as_string())}));
    ASSERT_TRUE(parked(1)) << gateway->log();

    issueCertificate(dir, "two");
    EXPECT_EQ(subject(), "one");  // it is not read before it is told to
    gateway->signal(SIGHUP);
    ASSERT_TRUE(eventually([this] { return logged("certificate reloaded"); }, 30s))
        << gateway->log();
    EXPECT_EQ(subject(), "two");

    // A half-written file changes nothing, and is said.
    dir.write("crt", "-----BEGIN CERTIFICATE-----\n");
    gateway->signal(SIGHUP);
    ASSERT_TRUE(eventually([this] { return logged("certificate not reloaded"); }, 30s))
        << gateway->log();
    EXPECT_TRUE(logged("https.certificateFile: cannot use " + dir.file("crt"))) << gateway->log();
    EXPECT_EQ(subject(), "two");
    // Nor does a key that is not the certificate's.
    issueCertificate(dir, "three");
    const std::string key = parlor::test::readFile(dir.file("key"));
    issueCertificate(dir, "four");
    dir.write("key", key);
    gateway->signal(SIGHUP);
    ASSERT_TRUE(eventually([this] { return logged("https.keyFile: cannot use"); }, 30s))
        << gateway->log();
    EXPECT_EQ(subject(), "two");

    // Who was there all along is answered on the connection it has, and can ask again.
    EXPECT_TRUE(parked(1));
    ledger.say(*ConversationId::parse(name), "hello");
    EXPECT_NE(before.receive().body().find("hello"), std::string::npos);
    before.send(formatRequest({.target = "/healthz"}));
    EXPECT_EQ(before.receive().body(), "ok\n");
    EXPECT_EQ(gateway->terminate(30s), 0) << gateway->log();
}

}  // namespace
}  // namespace parlor::gateway::test
