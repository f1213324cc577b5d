// Ninety-five thousand parked long polls over five gateways on one broker, on one machine: what all
// of them take, and that each still gets its messages. Fails where not all are parked at once, or
// only in 1 GiB or more.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>

#include "bench/gateway/load_run.h"
#include "bench/gateway/parlor_on_broker.h"
#include "bench/gateway/poller.h"
#include "bench/support/procfs.h"
#include "bench/support/report.h"

namespace {

using namespace parlor::bench;

struct Options {
    std::size_t replicas = 5;
    std::size_t each = 19000;
    int holdSeconds = 75;
    int rate = 200;
    int seconds = 5;
    std::string json;
};

constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kMostMiB = 1024;  // of all servers
constexpr auto kParkLimit = std::chrono::minutes(4);
constexpr auto kAskEvery = std::chrono::seconds(1);

// Long polls that are parked at all gateways now, by their own count.
std::size_t parkedNow(const ParlorOnBroker& servers) {
    constexpr std::string_view kMetric = "parlor_gateway_parked{transport=\"long_poll\"} ";
    std::size_t sum = 0;
    for (std::size_t i = 0; i < servers.replicas(); ++i) {
        const auto page = fetch(servers.gateway(i).address(), "/metrics");
        const auto at = page.find(kMetric);
        if (at == std::string::npos) throw std::runtime_error("no count of parked polls");
        sum += static_cast<std::size_t>(std::stod(page.substr(at + kMetric.size())));
    }
    return sum;
}

std::size_t awaitParked(const ParlorOnBroker& servers, std::size_t wanted) {
    const auto end = Clock::now() + kParkLimit;
    std::size_t most = 0;
    while (most < wanted && Clock::now() < end) {
        std::this_thread::sleep_for(kAskEvery);
        most = std::max(most, parkedNow(servers));
    }
    return most;
}

std::uint64_t gatewayBytes(const ParlorOnBroker& servers) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < servers.replicas(); ++i) {
        sum += ServerProcess{"gateway", servers.gateway(i).pid()}.proportionalBytes();
    }
    return sum;
}

Report run(const Options& options, const Setup& setup) {
    const std::size_t polls = options.replicas * options.each;
    ParlorOnBroker servers(setup, options.replicas);
    std::vector<std::vector<std::string>> arguments;
    for (std::size_t i = 0; i < options.replicas; ++i) {
        std::fprintf(stderr, "opening %zu conversations\n", options.each);
        arguments.push_back(servers.loadArguments(i, options.each));
        arguments.back().insert(
            arguments.back().end(),
            {"--hold", std::to_string(options.holdSeconds), "--rate", std::to_string(options.rate),
             "--seconds", std::to_string(options.seconds)});
    }
    const double idle = static_cast<double>(gatewayBytes(servers));
    std::fprintf(stderr, "parking %zu polls\n", polls);
    std::vector<std::unique_ptr<Load>> loads;
    for (auto& each : arguments) loads.push_back(std::make_unique<Load>(setup, std::move(each)));

    Report report;
    const std::size_t parked = awaitParked(servers, polls);
    report.set("parked95k_polls", static_cast<double>(parked), "");
    report.require(parked >= polls, std::to_string(polls) + " polls are parked at once");
    const auto gateways = static_cast<double>(gatewayBytes(servers));
    const auto broker =
        static_cast<double>(ServerProcess{"broker", servers.broker().pid()}.proportionalBytes());
    report.set("parked95k_gateways_mib", gateways / kMiB, "MiB");
    report.set("parked95k_bytes_per_poll", (gateways - idle) / static_cast<double>(polls), "B");
    report.set("parked95k_broker_mib", broker / kMiB, "MiB");
    const double total = (gateways + broker) / kMiB;
    report.set("parked95k_total_mib", total, "MiB");
    report.require(total < kMostMiB, "gateways and broker take less than 1 GiB");

    const auto paced = "rate_" + std::to_string(options.rate);
    double p99 = 0;
    double delivered = 0;
    for (const auto& load : loads) {
        auto metrics = load->finish();
        p99 = std::max(p99, metrics[paced + "_p99_ms"]);
        delivered += metrics[paced + "_deliveries_per_s"];
    }
    report.set("parked95k_deliveries_per_s", delivered, "/s");
    report.set("parked95k_p99_ms", p99, "ms");
    report.require(delivered > 0, "parked polls are answered");
    return report;
}

}  // namespace

int main(int argc, char** argv) try {
    Options options;
    Setup setup;
    setup.programs = std::filesystem::canonical("/proc/self/exe").parent_path();
    setup.workers = 1;
    CLI::App app("Ninety-five thousand parked polls");
    app.add_option("--gateway", setup.gateway, "path of parlor-gateway")->required();
    app.add_option("--replicas", options.replicas)->check(CLI::Range(1, 16));
    app.add_option("--each", options.each, "polls at each gateway")->check(CLI::Range(1, 19500));
    app.add_option("--hold", options.holdSeconds, "seconds they stay parked")
        ->check(CLI::Range(1, 600));
    app.add_option("--rate", options.rate, "messages per second at each gateway, afterwards")
        ->check(CLI::Range(1, 10000));
    app.add_option("--json", options.json, "file for {\"metric\": value}");
    CLI11_PARSE(app, argc, argv);

    raiseFileLimit();
    stopOnSignals();
    const auto report = run(options, setup);
    report.print();
    if (!options.json.empty()) report.writeJson(options.json);
    return report.exitCode();
} catch (const std::exception& error) {
    std::fprintf(stderr, "parlor-bench-parked95k: %s\n", error.what());
    return 1;
}
