#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/security/raw_client.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace parlor::test {

// The two ways to keep accounts and rights; see broker-config/single.
enum class Accounts { dynsec, files };
std::ostream& operator<<(std::ostream& out, Accounts accounts);

// One Mosquitto with a configuration from broker-config, on a free port of 127.0.0.1. Start it on
// the test's main thread (see Process). Not thread-safe.
class BrokerProcess {
 public:
    // `config` is a configuration's text in which @PORT@ still stands for the port. Its log goes to
    // `dir`. Throws std::runtime_error where it does not start.
    BrokerProcess(const TempDir& dir, const std::string& name, std::string config);

    std::uint16_t port() const { return port_; }
    bool running() { return process_->running(); }
    void stop() { process_->terminate(); }
    void start();
    std::string log() const { return readFile(logFile_); }
    // Resident memory, in bytes.
    std::size_t memory() const;

 private:
    bool startOnce();  // false: somebody else took the port

    const TempDir& dir_;
    const std::string name_;
    const std::string config_;
    const std::string logFile_;
    std::uint16_t port_ = 0;
    std::optional<Process> process_;
};

// Mosquitto exactly as broker-config/single configures it, with the accounts of its zone and, but
// for the outside zone, the agents alice, bob and mallory of site "demo" and carol of site "shop".
class SecuredBroker {
 public:
    struct Options {
        Accounts accounts = Accounts::dynsec;
        std::string zone = "both";  // of parlor-admin
        std::string config = {};    // more lines
    };
    // Throws std::runtime_error.
    explicit SecuredBroker(Options options);
    explicit SecuredBroker(Accounts accounts) : SecuredBroker(Options{.accounts = accounts}) {}

    std::uint16_t port() const { return broker_->port(); }
    std::string hostAndPort() const { return "127.0.0.1:" + std::to_string(port()); }
    RawClient::Account account(const std::string& name) const;
    // Signed in.
    RawClient client(const std::string& name) const { return RawClient(port(), account(name)); }
    std::string passwordFile(const std::string& name) const {
        return dir_.file("secrets/" + name + ".password");
    }

    // parlor-admin with these arguments, for this broker: its exit code and output.
    struct Output {
        int exitCode;
        std::string text;
    };
    Output admin(std::vector<std::string> arguments) const;

    BrokerProcess& process() { return *broker_; }
    std::string log() const { return broker_->log(); }
    std::size_t memory() const { return broker_->memory(); }
    // Stops it and starts it again on the same port; retained state and accounts stay.
    void restart() {
        broker_->stop();
        broker_->start();
    }
    // While it is stopped: its retained messages are gone.
    void forgetRetained() const { std::filesystem::remove(dir_.path() / "broker/mosquitto.db"); }

 private:
    void makeDynsec();
    void makeFiles();

    const Options options_;
    const TempDir dir_;
    std::optional<BrokerProcess> broker_;
};

// The text of broker-config/`name`.
std::string brokerConfig(const std::string& name);

}  // namespace parlor::test
