#include "tests/security/secured_broker.h"

#include <boost/algorithm/string/replace.hpp>
#include <fstream>
#include <stdexcept>

#include "tests/support/eventually.h"
#include "tests/support/free_port.h"

namespace parlor::test {
namespace {

constexpr auto kLimit = std::chrono::seconds(20);
constexpr int kPortsToTry = 5;

struct Agent {
    const char* site;
    const char* name;
};
constexpr Agent kAgents[] = {
    {"demo", "alice"}, {"demo", "bob"}, {"demo", "mallory"}, {"shop", "carol"}};

bool accepts(std::uint16_t port) {
    try {
        const RawClient probe(port);
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Accounts accounts) {
    return out << (accounts == Accounts::dynsec ? "dynsec" : "files");
}

std::string brokerConfig(const std::string& name) {
    auto text = readFile(PARLOR_SOURCE_DIR "/broker-config/" + name);
    if (text.empty()) throw std::runtime_error("no broker-config/" + name);
    return text;
}

BrokerProcess::BrokerProcess(const TempDir& dir, const std::string& name, std::string config)
    : dir_(dir), name_(name), config_(std::move(config)), logFile_(dir.file(name + ".log")) {
    for (int attempt = 0; attempt < kPortsToTry; ++attempt) {
        port_ = freePort();
        if (startOnce()) return;
    }
    throw std::runtime_error("mosquitto found no free port:\n" + log());
}

bool BrokerProcess::startOnce() {
    const auto file = dir_.write(name_ + ".conf",
                                 boost::replace_all_copy(config_, "@PORT@", std::to_string(port_)));
    const auto logged = log().size();
    process_.emplace(Process::Options{.arguments = {PARLOR_MOSQUITTO, "-c", file},
                                      .logFile = logFile_,
                                      .environment = {},
                                      .workingDirectory = {}});
    // Who accepts may be a stranger on the same port: then ours ends.
    const bool ready = eventually([&] { return !process_->running() || accepts(port_); }, kLimit);
    if (ready && process_->running()) return true;
    const auto said = log().substr(logged);
    process_.reset();
    if (said.find("Address already in use") != std::string::npos) return false;
    throw std::runtime_error("mosquitto did not start:\n" + said);
}

void BrokerProcess::start() {
    if (!startOnce()) throw std::runtime_error("somebody else took mosquitto's port");
}

std::size_t BrokerProcess::memory() const {
    std::ifstream status("/proc/" + std::to_string(process_->pid()) + "/status");
    for (std::string word; status >> word;) {
        std::size_t kilobytes = 0;
        if (word == "VmRSS:" && status >> kilobytes) return kilobytes * 1024;
    }
    throw std::runtime_error("no memory size of mosquitto");
}

SecuredBroker::SecuredBroker(Options options) : options_(std::move(options)) {
    for (const auto* folder : {"secrets", "etc", "broker"}) {
        std::filesystem::create_directory(dir_.path() / folder);
    }
    const bool dynsec = options_.accounts == Accounts::dynsec;
    auto config =
        brokerConfig("single/mosquitto.conf.in") +
        brokerConfig(dynsec ? "single/accounts-dynsec.conf.in" : "single/accounts-files.conf.in") +
        options_.config;
    boost::replace_all(config, "@BROKER_PORT@", "@PORT@");
    boost::replace_all(config, "@DATA@", dir_.path().string());
    // As root it would change to an account that cannot read its folder.
    boost::replace_all(config, "@USER@", "root");
    boost::replace_all(config, "@DYNSEC_PLUGIN@", PARLOR_DYNSEC_PLUGIN);
    if (dynsec) {
        const auto made =
            admin({"broker", "init", "--file", dir_.file("secrets/dynamic-security.json"),
                   "--password-file", passwordFile("parlor-admin")});
        if (made.exitCode != 0) throw std::runtime_error(made.text);
    } else {
        makeFiles();
    }
    broker_.emplace(dir_, "broker", config);
    if (dynsec) makeDynsec();
}

void SecuredBroker::makeDynsec() {
    std::vector<std::string> setup = {"setup", "--zone", options_.zone};
    for (const auto& [site, name] : kAgents) {
        if (options_.zone == "outside") break;
        setup.insert(setup.end(), {"--agent", std::string(site) + "/" + name});
    }
    if (const auto made = admin(setup); made.exitCode != 0) throw std::runtime_error(made.text);
}

void SecuredBroker::makeFiles() {
    auto acl = brokerConfig("single/acl");
    std::string passwords;
    const auto add = [&](const std::string& name) {
        const auto password = "password-of-" + name;
        dir_.write("secrets/" + name + ".password", password + "\n");
        passwords += name + ":" + password + "\n";
    };
    for (const auto* service : {"gateway", "ledger", "health"}) add(service);
    for (const auto& [site, name] : kAgents) {
        auto block = brokerConfig("single/acl-agent.in");
        boost::replace_all(block, "@SITE@", site);
        boost::replace_all(block, "@AGENT@", name);
        acl += block;
        add(name);
    }
    dir_.write("etc/acl", acl);
    const auto file = dir_.write("etc/passwd", passwords);
    Process hash({.arguments = {PARLOR_MOSQUITTO_PASSWD, "-U", file},
                  .logFile = dir_.file("passwd.log"),
                  .environment = {},
                  .workingDirectory = {}});
    if (hash.wait(kLimit) != 0) throw std::runtime_error("mosquitto_passwd: " + hash.log());
}

RawClient::Account SecuredBroker::account(const std::string& name) const {
    auto password = readFile(passwordFile(name));
    while (!password.empty() && password.back() == '\n') password.pop_back();
    return {.username = name, .password = password};
}

SecuredBroker::Output SecuredBroker::admin(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), PARLOR_ADMIN);
    const TempDir scratch;
    const auto server = broker_ ? "tcp://" + hostAndPort() : std::string("tcp://127.0.0.1:1");
    Process process({.arguments = arguments,
                     .logFile = scratch.file("out"),
                     .environment = {{"PARLOR_ADMIN_SERVER", server},
                                     {"PARLOR_ADMIN_PASSWORD_FILE", passwordFile("parlor-admin")},
                                     {"PARLOR_ADMIN_SECRETS", dir_.file("secrets")}},
                     .workingDirectory = {}});
    const auto code = process.wait(kLimit);
    return {code.value_or(-1), process.log()};
}

}  // namespace parlor::test
