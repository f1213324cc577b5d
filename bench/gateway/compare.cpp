// The gateway beside Nchan and beside the least that a server can do: rounds in alternating order,
// medians, ratios.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "bench/gateway/load_run.h"
#include "bench/gateway/poller.h"
#include "bench/support/report.h"

namespace {

using namespace parlor::bench;

struct Options {
    std::string gateway;
    std::string json;
    std::string only;
    std::size_t rounds = 5;
    int seconds = 4;
    int latencyRate = 2000;
    int rate = 8000;
    int replicasRate = 4000;
    std::size_t inFlight = 256;
};

// The first peer is ours. CPU is compared at a rate that all of them sustain.
struct Scenario {
    std::string name;
    std::string transport;
    std::size_t subscribers;
    int rate;
    std::vector<PeerKind> peers;
};

std::vector<Scenario> scenarios(const Options& options) {
    std::vector<Scenario> all;
    for (const std::size_t parked : {1000U, 15000U}) {
        const auto size = "_" + std::to_string(parked);
        all.push_back({"longpoll" + size,
                       "longpoll",
                       parked,
                       options.rate,
                       {parlorInProcess(), nchanInMemory(), epollLimit()}});
        for (const std::string transport : {"sse", "websocket"}) {
            all.push_back({transport + size,
                           transport,
                           parked,
                           options.rate,
                           {parlorInProcess(), nchanInMemory()}});
        }
        all.push_back({"replicas" + size,
                       "longpoll",
                       parked,
                       options.replicasRate,
                       {parlorOnBroker(2), nchanOnRedis(2)}});
    }
    return all;
}

// By scenario, peer and metric: the values of all rounds.
using Values =
    std::map<std::string, std::map<std::string, std::map<std::string, std::vector<double>>>>;

void runRound(const Options& options, const Setup& setup, std::size_t round, Values& values) {
    for (const auto& scenario : scenarios(options)) {
        if (scenario.name.find(options.only) == std::string::npos) continue;
        auto peers = scenario.peers;
        if (round % 2 == 1) std::reverse(peers.begin(), peers.end());
        for (const auto& peer : peers) {
            std::fprintf(stderr, "round %zu of %zu: %s, %s\n", round + 1, options.rounds,
                         scenario.name.c_str(), peer.name.c_str());
            const auto metrics = measure(
                setup, peer, scenario.subscribers,
                {"--transport", scenario.transport, "--rate", std::to_string(options.latencyRate),
                 "--rate", std::to_string(scenario.rate), "--in-flight",
                 std::to_string(options.inFlight), "--seconds", std::to_string(options.seconds)});
            if (peer.name == scenario.peers.front().name && metrics.at("refused") > 0) {
                throw std::runtime_error("the gateway refused publications or polls");
            }
            for (const auto& [name, value] : metrics) {
                values[scenario.name][peer.name][name].push_back(value);
            }
        }
    }
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const auto middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// What the table and the ratios are made of: medians of one peer in one scenario.
struct Row {
    double cpuUs;
    double saturated;
    double p50;
    double p99;
    double p999;
    double bytes;
    double generatorCpuUs;
    double refused;
};

Row rowOf(const Options& options, const Scenario& scenario,
          const std::map<std::string, std::vector<double>>& metrics) {
    const auto get = [&](const std::string& name) { return median(metrics.at(name)); };
    const auto paced = "rate_" + std::to_string(scenario.rate);
    const auto latency = "rate_" + std::to_string(options.latencyRate);
    return {.cpuUs = get(paced + "_cpu_us"),
            .saturated = get("saturated_deliveries_per_s"),
            .p50 = get(latency + "_p50_ms"),
            .p99 = get(latency + "_p99_ms"),
            .p999 = get(latency + "_p999_ms"),
            .bytes = get("bytes_per_parked"),
            .generatorCpuUs = get(paced + "_generator_cpu_us"),
            .refused = get("refused")};
}

void printHead(const Options& options) {
    std::printf(
        "\nMedians of %zu. CPU: of all server processes, per delivery, at %d/s (replicas: %d/s); "
        "ratio: "
        "the peer's ÷ ours.\nLatency: at %d/s. Memory: per parked connection; ratio: ours ÷ the "
        "peer's.\n\n",
        options.rounds, options.rate, options.replicasRate, options.latencyRate);
    std::printf("%-18s %-17s %8s %6s %9s %6s %7s %7s %8s %8s %6s\n", "", "", "CPU us", "ratio",
                "max /s", "ratio", "p50 ms", "p99 ms", "p99.9 ms", "bytes", "ratio");
}

void printRow(const std::string& scenario, const std::string& peer, const Row& row,
              const Row& ours) {
    std::printf("%-18s %-17s %8.1f %6.2f %9.0f %6.2f %7.2f %7.2f %8.2f %8.0f %6.2f\n",
                scenario.c_str(), peer.c_str(), row.cpuUs, row.cpuUs / ours.cpuUs, row.saturated,
                ours.saturated / row.saturated, row.p50, row.p99, row.p999, row.bytes,
                ours.bytes / row.bytes);
    if (row.refused > 0) std::printf("%36s refused %.0f publications and polls\n", "", row.refused);
}

void setMetrics(Report& report, const std::string& prefix, const Row& row) {
    report.set(prefix + "_cpu_us", row.cpuUs, "us");
    report.set(prefix + "_deliveries_per_s", row.saturated, "/s");
    report.set(prefix + "_p50_ms", row.p50, "ms");
    report.set(prefix + "_p99_ms", row.p99, "ms");
    report.set(prefix + "_p999_ms", row.p999, "ms");
    report.set(prefix + "_bytes_per_parked", row.bytes, "B");
    report.set(prefix + "_generator_cpu_us", row.generatorCpuUs, "us");
    report.set(prefix + "_refused", row.refused, "");
}

// A ratio over both sizes is the worse of the two.
void keepWorse(std::map<std::string, double>& ratios, const std::string& name, double ratio,
               bool moreIsBetter) {
    const auto [kept, isNew] = ratios.emplace(name, ratio);
    if (!isNew) {
        kept->second = moreIsBetter ? std::min(kept->second, ratio) : std::max(kept->second, ratio);
    }
}

void addRatios(std::map<std::string, double>& ratios, const std::string& transport,
               const std::string& peer, const Row& row, const Row& ours) {
    const double cpu = row.cpuUs / ours.cpuUs;
    if (peer == "nchan" && transport == "longpoll") {
        keepWorse(ratios, "deliveries_ratio_nchan", cpu, true);
        keepWorse(ratios, "memory_ratio_nchan", ours.bytes / row.bytes, false);
        keepWorse(ratios, "p99_ratio_nchan", ours.p99 / row.p99, false);
    } else if (peer == "nchan") {
        keepWorse(ratios, "deliveries_ratio_nchan_" + transport, cpu, true);
        keepWorse(ratios, "memory_ratio_nchan_" + transport, ours.bytes / row.bytes, false);
    } else if (peer == "limit") {
        keepWorse(ratios, "deliveries_ratio_limit", cpu, true);
    } else if (peer == "nchan+redis") {
        keepWorse(ratios, "deliveries_ratio_nchan_redis", cpu, true);
        keepWorse(ratios, "p99_ratio_nchan_redis", ours.p99 / row.p99, false);
    }
}

Report evaluate(const Options& options, const Values& values) {
    Report report;
    std::map<std::string, double> ratios;
    printHead(options);
    for (const auto& scenario : scenarios(options)) {
        const auto measured = values.find(scenario.name);
        if (measured == values.end()) continue;
        const auto ours =
            rowOf(options, scenario, measured->second.at(scenario.peers.front().name));
        for (const auto& peer : scenario.peers) {
            const auto row = rowOf(options, scenario, measured->second.at(peer.name));
            printRow(scenario.name, peer.name, row, ours);
            setMetrics(report, "gateway_" + scenario.name + "_" + peer.name, row);
            addRatios(ratios, scenario.transport, peer.name, row, ours);
        }
    }
    std::printf("\n");
    Report onlyRatios;
    for (const auto& [name, ratio] : ratios) {
        report.set(name, ratio, "");
        onlyRatios.set(name, ratio, "");
    }
    onlyRatios.print();
    return report;
}

}  // namespace

int main(int argc, char** argv) try {
    Options options;
    Setup setup;
    setup.programs = std::filesystem::canonical("/proc/self/exe").parent_path();
    setup.workers = std::max(1U, std::thread::hardware_concurrency());
    CLI::App app("The gateway side by side with its peers");
    app.add_option("--gateway", setup.gateway, "path of parlor-gateway")->required();
    app.add_option("--workers", setup.workers, "threads or worker processes of each server")
        ->check(CLI::Range(1, 64));
    app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 25));
    app.add_option("--seconds", options.seconds, "of each phase")->check(CLI::Range(1, 60));
    app.add_option("--rate", options.rate, "at which CPU is compared")
        ->check(CLI::Range(1, 100000));
    app.add_option("--replicas-rate", options.replicasRate, "the same with several replicas")
        ->check(CLI::Range(1, 100000));
    app.add_option("--latency-rate", options.latencyRate)->check(CLI::Range(1, 100000));
    app.add_option("--in-flight", options.inFlight, "at saturation")->check(CLI::Range(1, 10000));
    app.add_option("--only", options.only, "scenarios whose name contains this");
    app.add_option("--json", options.json, "file for {\"metric\": value}");
    CLI11_PARSE(app, argc, argv);

    raiseFileLimit();
    stopOnSignals();
    Values values;
    for (std::size_t round = 0; round < options.rounds; ++round) {
        runRound(options, setup, round, values);
    }
    const auto report = evaluate(options, values);
    if (!options.json.empty()) report.writeJson(options.json);
    return report.exitCode();
} catch (const std::exception& error) {
    std::fprintf(stderr, "parlor-bench-gateway: %s\n", error.what());
    return 1;
}
