#include "tests/support/mosquitto.h"

#include <boost/algorithm/string/replace.hpp>
#include <csignal>
#include <stdexcept>

#include "tests/support/eventually.h"
#include "tests/support/free_port.h"

namespace parlor::test {
namespace {

constexpr auto kStartLimit = std::chrono::seconds(20);
constexpr int kPortsToTry = 5;

void makePasswordFile(const TempDir& dir,
                      const std::vector<std::pair<std::string, std::string>>& users) {
    const std::string path = dir.write("passwords", "");
    for (const auto& [name, password] : users) {
        Process tool({.arguments = {PARLOR_MOSQUITTO_PASSWD, "-b", path, name, password},
                      .logFile = dir.file("passwd.log"),
                      .environment = {},
                      .workingDirectory = {}});
        if (tool.wait(kStartLimit) != 0) {
            throw std::runtime_error("mosquitto_passwd: " + tool.log());
        }
    }
}

}  // namespace

Mosquitto::Mosquitto(Options options) : options_(std::move(options)) {
    for (const auto& [name, text] : options_.files) dir_.write(name, text);
    if (!options_.users.empty()) makePasswordFile(dir_, options_.users);
    if (!options_.acl.empty()) dir_.write("acl", options_.acl);
    for (int attempt = 0; attempt < kPortsToTry; ++attempt) {
        port_ = freePort();
        writeConfig();
        if (startOnce()) return;
    }
    throw std::runtime_error("mosquitto found no free port:\n" + log());
}

void Mosquitto::writeConfig() {
    // As root it would change to an account that cannot read its directory.
    std::string config =
        "user root\n"
        "set_tcp_nodelay true\n"
        "max_queued_messages 0\n"
        "log_dest stderr\n"
        "log_type error\nlog_type warning\nlog_type notice\nlog_type information\n"
        "listener {port} 127.0.0.1\n";
    config += options_.users.empty() ? "allow_anonymous true\n"
                                     : "allow_anonymous false\npassword_file {dir}/passwords\n";
    if (!options_.acl.empty()) config += "acl_file {dir}/acl\n";
    config += options_.config + "\n";
    boost::replace_all(config, "{port}", std::to_string(port_));
    boost::replace_all(config, "{dir}", dir_.path().string());
    dir_.write("mosquitto.conf", config);
}

bool Mosquitto::startOnce() {
    const auto logged = log().size();
    process_.emplace(
        Process::Options{.arguments = {PARLOR_MOSQUITTO, "-c", dir_.file("mosquitto.conf")},
                         .logFile = dir_.file("log"),
                         .environment = {},
                         .workingDirectory = {}});
    std::string said;
    const bool ended = eventually(
        [&] {
            said = log().substr(logged);
            return said.find(" running\n") != std::string::npos || !process_->running();
        },
        kStartLimit);
    if (ended && process_->running()) return true;
    process_.reset();
    if (said.find("Address already in use") != std::string::npos) return false;
    throw std::runtime_error("mosquitto did not start:\n" + said);
}

void Mosquitto::start() {
    if (process_ && process_->running()) return;
    if (!startOnce()) throw std::runtime_error("somebody else took mosquitto's port:\n" + log());
}

void Mosquitto::stop() {
    if (!process_) return;
    process_->signal(SIGCONT);
    process_->terminate();
    process_.reset();
}

void Mosquitto::kill9() {
    if (!process_) return;
    process_->kill9();
    process_.reset();
}

void Mosquitto::freeze() {
    if (process_) process_->signal(SIGSTOP);
}

void Mosquitto::thaw() {
    if (process_) process_->signal(SIGCONT);
}

}  // namespace parlor::test
