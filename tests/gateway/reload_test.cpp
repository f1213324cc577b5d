// The gateway's own process, on a real Mosquitto: SIGHUP makes it read its certificate
// and its token keys again.

#include <atomic>
#include <csignal>
#include <filesystem>
#include <regex>
#include <thread>

#include "bus/mqtt_bus.h"
#include "gateway/session/token.h"
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
        dir.write("keys", line(k1));
        const std::string config =
            dir.write("properties",
                      "http.listen = 127.0.0.1:0\nhttp.shards = 2\nhttps.listen = 127.0.0.1:0\n"
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
    static std::string line(const TokenKey& key) {
        static constexpr char kDigits[] = "0123456789abcdef";
        std::string text = key.kid + ":";
        for (const char c : key.secret) {
            text += {kDigits[static_cast<unsigned char>(c) >> 4U], kDigits[c & 15]};
        }
        return text + "\n";
    }
    // Sends SIGHUP and waits until `text` is logged once more.
    [[nodiscard]] bool reload(const std::string& text) {
        const auto times = [&] {
            const std::string log = gateway->log();
            int count = 0;
            for (auto at = log.find(text); at != log.npos; at = log.find(text, at + 1)) ++count;
            return count;
        };
        const int before = times();
        gateway->signal(SIGHUP);
        return eventually([&] { return times() > before; }, 30s);
    }
    std::string signBy(const TokenKey& key, const std::string& conversation) {
        Tokens tokens(std::vector{key}, 1h, &std::chrono::system_clock::now, stats);
        return tokens.sign(*SiteId::parse("demo"), *ConversationId::parse(conversation));
    }
    bool signedBy(const TokenKey& key, const std::string& token) {
        Tokens tokens(std::vector{key}, 1h, &std::chrono::system_clock::now, stats);
        return tokens.check(token).has_value();
    }
    boost::json::object open() {
        const Answer answer = http(
            plainPort, {.method = "POST", .target = "/v1/sites/demo/conversations", .body = "{}"});
        EXPECT_EQ(answer.status, 201) << answer.body;
        return answer.json();
    }
    static std::string events(const std::string& conversation, const std::string& query) {
        return "/v1/conversations/" + conversation + "/events?" + query;
    }
    // What is answered to as many connections as reach every shard; 0: not always the same.
    int statusFor(const std::string& conversation, const std::string& token) {
        int status = 0;
        for (int i = 0; i < 24; ++i) {
            const int one =
                http(plainPort, {.target = events(conversation, "after=0"), .token = token}).status;
            if (i > 0 && one != status) return 0;
            status = one;
        }
        return status;
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

    const TokenKey k1{"k1", std::string(32, 'a')};
    const TokenKey k2{"k2", std::string(32, 'b')};
    const parlor::test::TempDir dir;
    Stats stats;
    parlor::test::Mosquitto broker;
    AutoLedger ledger{bus::makeMosquittoBus({.servers = {broker.address()}, .clientId = "ledger"})};
    std::optional<Process> gateway;
    std::uint16_t plainPort = 0;
    std::uint16_t tlsPort = 0;
};

TEST_F(ReloadTest, SighupShowsTheNewCertificateAndCutsNobodyOff) {
    const auto opened = open();
    const std::string name(opened.at("conversation").as_string());
    TlsPeer before(tlsPort);
    EXPECT_EQ(before.subject(), "one");
    before.send(formatRequest({.target = events(name, "after=1.1&wait=60"),
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

TEST_F(ReloadTest, SighupRotatesTheTokenKeysOfEveryShardAndCutsNobodyOff) {
    const auto opened = open();
    const std::string name(opened.at("conversation").as_string());
    const std::string byK1(opened.at("token").as_string());
    const std::string byK2 = signBy(k2, name);
    HttpPeer waiting(plainPort);
    waiting.send(formatRequest({.target = events(name, "after=1.1&wait=60"), .token = byK1}));
    ASSERT_TRUE(parked(1)) << gateway->log();
    EXPECT_EQ(statusFor(name, byK1), 200);
    std::atomic<bool> stop{false};
    std::atomic<int> lost{0};
    std::thread busy([&] {
        HttpPeer peer(plainPort);
        while (!stop) {
            peer.send(formatRequest({.target = events(name, "after=0"), .token = byK1}));
            if (peer.receive().status != 200) ++lost;
        }
    });

    dir.write("keys", line(k2) + line(k1));
    EXPECT_EQ(statusFor(name, byK2), 401);  // they are not read before it is told to
    EXPECT_TRUE(reload("token keys reloaded")) << gateway->log();
    EXPECT_EQ(statusFor(name, byK2), 200);
    EXPECT_EQ(statusFor(name, byK1), 200);
    EXPECT_TRUE(signedBy(k2, std::string(open().at("token").as_string())));

    // What is wrong changes nothing, and is said without a secret.
    dir.write("keys", line(k2) + "k3:cafecafecafe\n");
    EXPECT_TRUE(reload("token keys not reloaded")) << gateway->log();
    EXPECT_TRUE(logged("line 2: the secret has 6 bytes")) << gateway->log();
    EXPECT_FALSE(logged("cafecafe"));
    std::filesystem::remove(dir.file("keys"));
    EXPECT_TRUE(reload("token keys not reloaded")) << gateway->log();
    EXPECT_TRUE(logged("token.keyFile: cannot read " + dir.file("keys"))) << gateway->log();
    EXPECT_EQ(statusFor(name, byK2), 200);
    EXPECT_EQ(statusFor(name, byK1), 200);
    stop = true;
    busy.join();
    EXPECT_EQ(lost, 0);

    dir.write("keys", line(k2));
    EXPECT_TRUE(reload("token keys reloaded")) << gateway->log();
    EXPECT_EQ(statusFor(name, byK1), 401);
    EXPECT_EQ(statusFor(name, byK2), 200);

    // Who was parked with the old token is answered.
    EXPECT_TRUE(parked(1));
    ledger.say(*ConversationId::parse(name), "hello");
    EXPECT_NE(waiting.receive().body.find("hello"), std::string::npos);
    EXPECT_EQ(gateway->terminate(30s), 0) << gateway->log();
}

}  // namespace
}  // namespace parlor::gateway::test
