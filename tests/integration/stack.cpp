#include "tests/integration/stack.h"

#include <csignal>
#include <stdexcept>

#include "tests/support/eventually.h"
#include "tests/support/free_port.h"
#include "tests/support/process.h"

namespace parlor::test {
namespace {

constexpr auto kScriptLimit = std::chrono::seconds(90);

}  // namespace

ScriptOutput runParlor(const std::vector<std::string>& arguments) {
    const TempDir scratch;
    std::vector<std::string> all = {PARLOR_SOURCE_DIR "/parlor"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    Process script({.arguments = all, .logFile = scratch.file("log")});
    const auto code = script.wait(kScriptLimit);
    return {code.value_or(-1), script.log()};
}

Stack::Stack(StackOptions options) : options_(std::move(options)), port_(freePort()) { up(); }

Stack::~Stack() { parlor({"down"}); }

ScriptOutput Stack::parlor(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--data", dir_.file("data"), "--bin", PARLOR_BINARY_DIR});
    return runParlor(arguments);
}

void Stack::up() {
    const auto result =
        parlor({"up", "--no-build", "--port", std::to_string(port_), "--gateways",
                std::to_string(options_.gateways), "--balancer", options_.balancer});
    if (result.exitCode != 0) throw std::runtime_error("parlor up: " + result.text);
}

boost::json::object Stack::status() {
    const auto text = parlor({"status", "--json"}).text;
    return boost::json::parse(text).as_object();
}

std::string Stack::address(const std::string& part) {
    return std::string(status().at("parts").at(part).at("address").as_string());
}

int Stack::pid(const std::string& part) {
    const auto value = status().at("parts").at(part).at("pid");
    if (value.is_null()) throw std::runtime_error(part + " does not run");
    return boost::json::value_to<int>(value);
}

void Stack::kill9(const std::string& part) {
    const int victim = pid(part);
    kill(victim, SIGKILL);
    // Not our child: nobody but the system reaps it, so it is gone when the signal finds nobody.
    if (!eventually([&] {
            return kill(victim, 0) != 0 ||
                   readFile("/proc/" + std::to_string(victim) + "/cmdline").empty();
        })) {
        throw std::runtime_error(part + " survived SIGKILL");
    }
}

std::string Stack::password(const std::string& account) const {
    auto text = readFile(dir_.file("data/secrets/" + account + ".password"));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::string Stack::log(const std::string& part) const {
    return readFile(dir_.file("data/log/" + part + ".log"));
}

}  // namespace parlor::test
