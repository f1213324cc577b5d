#include "bench/gateway/load_run.h"

#include <boost/json.hpp>
#include <csignal>
#include <stdexcept>

namespace parlor::bench {
namespace {

constexpr auto kLoadLimit = std::chrono::minutes(15);
constexpr auto kStep = std::chrono::milliseconds(200);

volatile std::sig_atomic_t stopped = 0;

void onSignal(int) { stopped = 1; }

std::vector<std::string> withProgram(const Setup& setup, const std::string& json,
                                     std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {setup.programs + "/parlor-bench-push", "--json", json});
    return arguments;
}

}  // namespace

Load::Load(const Setup& setup, std::vector<std::string> arguments)
    : process_({.arguments = withProgram(setup, dir_.file("json"), std::move(arguments)),
                .logFile = dir_.file("log"),
                .environment = {},
                .workingDirectory = {}}) {}

Metrics Load::finish() {
    const auto end = std::chrono::steady_clock::now() + kLoadLimit;
    std::optional<int> code;
    while (!code) {
        if (stopped != 0) throw std::runtime_error("stopped");
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the load hangs");
        code = process_.wait(kStep);
    }
    if (*code != 0) throw std::runtime_error("the load failed:\n" + process_.log());
    Metrics metrics;
    const auto json = boost::json::parse(test::readFile(dir_.file("json")));
    for (const auto& [name, value] : json.as_object()) {
        metrics[name] = value.to_number<double>();
    }
    return metrics;
}

Metrics measure(const Setup& setup, const PeerKind& peer, std::size_t subscribers,
                const std::vector<std::string>& load) {
    const auto server = peer.start(setup);
    auto arguments = server->loadArguments(subscribers);
    arguments.insert(arguments.end(), {"--subscribers", std::to_string(subscribers)});
    arguments.insert(arguments.end(), load.begin(), load.end());
    return Load(setup, std::move(arguments)).finish();
}

void stopOnSignals() {
    std::signal(SIGINT, onSignal);
    std::signal(SIGTERM, onSignal);
}

}  // namespace parlor::bench
