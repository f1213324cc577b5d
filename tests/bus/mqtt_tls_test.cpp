// TLS with a certificate authority of our own, made by the openssl program.

#include <gmock/gmock.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/bus/adapters.h"
#include "tests/bus/test_client.h"
#include "tests/support/mosquitto.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace parlor::bus::test {
namespace {

using parlor::test::Mosquitto;
using parlor::test::Process;
using parlor::test::readFile;
using parlor::test::TempDir;
using std::chrono::seconds;
using testing::ElementsAre;

// A certificate authority with one server's and one client's certificate, in a directory.
class Authority {
 public:
    Authority() {
        run({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", file("ca.key"), "-out", file("ca.crt"), "-subj", "/CN=Test CA", "-days",
             "2"});
        dir_.write("server.ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
        dir_.write("client.ext", "extendedKeyUsage=clientAuth\n");
        issue("server", "/CN=localhost");
        issue("client", "/CN=alice");
    }

    std::string file(std::string_view name) const { return dir_.file(name); }
    std::pair<std::string, std::string> copy(const std::string& name) const {
        return {name, readFile(file(name))};
    }

 private:
    void issue(const std::string& name, const std::string& subject) {
        run({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
             file(name + ".key"), "-out", file(name + ".csr"), "-subj", subject});
        run({"x509", "-req", "-in", file(name + ".csr"), "-CA", file("ca.crt"), "-CAkey",
             file("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", file(name + ".ext"),
             "-out", file(name + ".crt")});
    }
    void run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), PARLOR_OPENSSL);
        Process openssl({.arguments = std::move(arguments), .logFile = file("log")});
        ASSERT_EQ(openssl.wait(seconds(20)), 0) << openssl.log();
    }

    const TempDir dir_;
};

class MqttTls : public AdapterTest {
 protected:
    Mosquitto::Options brokerOptions(const std::string& more = "") const {
        return {
            .config =
                "cafile {dir}/ca.crt\ncertfile {dir}/server.crt\n"
                "keyfile {dir}/server.key\n" +
                more,
            .files = {ours_.copy("ca.crt"), ours_.copy("server.crt"), ours_.copy("server.key")}};
    }
    static MqttOptions clientOptions(const std::string& server, const std::string& caFile) {
        MqttOptions options;
        options.servers = {server};
        options.clientId = "alice";
        options.caFile = caFile;
        options.backoffMax = std::chrono::milliseconds(200);
        return options;
    }

    const Authority ours_;
};

TEST_P(MqttTls, TalksToAServerThatTheAuthorityVouchesFor) {
    Mosquitto broker(brokerOptions());
    TestClient alice(make(clientOptions(broker.tlsAddress(), ours_.file("ca.crt"))));
    ASSERT_TRUE(alice.connects());
    ASSERT_EQ(outcome(alice.subscribe({"a"})), "ok");
    ASSERT_EQ(outcome(alice.publish(text("a", std::string(100'000, 'x')))), "ok");
    EXPECT_EQ(alice.next().value_or(Message()).payload.size(), 100'000U);
    broker.kill9();
    ASSERT_TRUE(alice.disconnects());
    broker.start();
    ASSERT_TRUE(alice.connects());
}

TEST_P(MqttTls, RefusesAServerOfAnotherAuthority) {
    Mosquitto broker(brokerOptions());
    const Authority theirs;
    TestClient alice(make(clientOptions(broker.tlsAddress(), theirs.file("ca.crt"))));
    EXPECT_EQ(outcome(alice.publish(text("a", "secret"), seconds(2))), "unavailable");
    EXPECT_THAT(broker.log(), testing::Not(testing::HasSubstr("as alice")));
}

TEST_P(MqttTls, RefusesAServerOfAnotherName) {
    Mosquitto broker(brokerOptions());
    const auto address = "ssl://127.0.0.2:" + std::to_string(broker.port());
    TestClient alice(make(clientOptions(address, ours_.file("ca.crt"))));
    EXPECT_EQ(outcome(alice.publish(text("a", "secret"), seconds(2))), "unavailable");
}

TEST_P(MqttTls, ShowsItsOwnCertificateWhereAskedFor) {
    Mosquitto broker(brokerOptions("require_certificate true\nuse_identity_as_username true\n"));
    auto options = clientOptions(broker.tlsAddress(), ours_.file("ca.crt"));
    options.certificateFile = ours_.file("client.crt");
    options.keyFile = ours_.file("client.key");
    TestClient alice(make(options));
    EXPECT_TRUE(alice.connects());

    options.certificateFile.clear();
    options.keyFile.clear();
    options.clientId = "nobody";
    TestClient nobody(make(options));
    EXPECT_EQ(outcome(nobody.publish(text("a", "x"), seconds(2))), "unavailable");
}

// A lookup that is still under way when a process exits goes on to use it.
TEST(OpenSsl, IsNotTakenDownWhenTheProcessExits) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto leave = [] {
        OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
        OPENSSL_atexit([] { ::_exit(1); });
        std::exit(0);
    };
    EXPECT_EXIT(leave(), testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(Adapters, MqttTls, everyAdapter(), adapterName);

}  // namespace
}  // namespace parlor::bus::test
