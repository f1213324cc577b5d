// One load for every peer: subscribers parked on a channel each, and publications to channels
// picked at random. Tells what a delivery and a parked connection cost the server.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "bench/gateway/publisher.h"
#include "bench/gateway/subscriber.h"
#include "bench/support/procfs.h"
#include "bench/support/report.h"

namespace {

using namespace parlor::bench;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kStepWait = milliseconds(300);
constexpr auto kSettleLimit = seconds(90);
constexpr auto kDrainLimit = seconds(60);
constexpr auto kWarmUp = seconds(1);
constexpr double kIdleCpuPerStep = 0.02;  // seconds; what a server at rest may use
constexpr std::size_t kOpenAtOnce = 64;

struct Options {
    std::string dialect;
    std::string transport = "longpoll";
    std::vector<std::string> subscribe;
    std::vector<std::string> publish;
    std::string channels;
    std::vector<std::string> processes;
    std::size_t subscribers = 1000;
    std::vector<int> rates;
    std::size_t inFlight = 0;
    std::size_t textBytes = 200;
    int measureSeconds = 4;
    int holdSeconds = 0;
    std::string json;
};

// A file has a line "id token cursor" each; without one the peer takes any name.
std::vector<Channel> readChannels(const Options& options) {
    std::vector<Channel> channels;
    if (options.channels.empty()) {
        for (std::size_t i = 0; i < options.subscribers; ++i) {
            channels.push_back({std::to_string(i), "", ""});
        }
        return channels;
    }
    std::ifstream file(options.channels);
    Channel channel;
    while (channels.size() < options.subscribers &&
           file >> channel.id >> channel.token >> channel.cursor) {
        channels.push_back(channel);
    }
    if (channels.size() < options.subscribers) {
        throw std::runtime_error("too few channels in " + options.channels);
    }
    return channels;
}

class Push {
 public:
    explicit Push(const Options& options)
        : options_(options),
          dialect_(makeDialect(options.dialect)),
          channels_(readChannels(options)),
          context_{poller_, *dialect_, deliveries_} {
        for (const auto& text : options_.processes) {
            for (auto& each : withDescendants(ServerProcess::parse(text))) {
                servers_.push_back(std::move(each));
            }
        }
    }

    // Parks all and tells what that takes.
    void park() {
        const auto before = proportionalBytes(servers_);
        const auto transport = parseTransport(options_.transport);
        for (std::size_t i = 0; i < channels_.size(); ++i) {
            subscribers_.push_back(
                makeSubscriber(transport, context_, channels_[i],
                               options_.subscribe[i % options_.subscribe.size()]));
            subscribers_.back()->open();
            if (i % kOpenAtOnce == 0) poller_.runOnce(Clock::now());
        }
        settle();
        if (transport != Transport::longPoll && context_.ready != channels_.size()) {
            throw std::runtime_error("only " + std::to_string(context_.ready) + " were accepted");
        }
        const auto after = proportionalBytes(servers_);
        const auto grown = static_cast<double>(after) - static_cast<double>(before);
        report_.set("parked", static_cast<double>(channels_.size()), "");
        report_.set("bytes_per_parked", grown / static_cast<double>(channels_.size()), "B");
        report_.set("resident_bytes", static_cast<double>(after), "B");
    }

    // Leaves them parked for a while: none may end.
    void hold() {
        runUntil([] { return false; }, seconds(options_.holdSeconds));
        report_.set("resident_bytes_after_hold", static_cast<double>(proportionalBytes(servers_)),
                    "B");
    }

    // Open loop: each message is due at its time, whatever became of those before.
    void paced(int rate) {
        const auto interval = std::chrono::nanoseconds(1'000'000'000 / rate);
        auto next = Clock::now();
        ticker_.start(interval);
        measure("rate_" + std::to_string(rate), [&](bool last) {
            for (; !last && next <= poller_.now(); next += interval) publisher().publish(next);
        });
        ticker_.stop();
    }

    // Closed loop: as many as come through, `inFlight` at a time.
    void saturate() {
        measure("saturated", [&](bool last) {
            while (!last && underWay() < options_.inFlight) {
                publisher().publish(Clock::now());
            }
        });
    }

    const Report& report() {
        report_.set("refused", static_cast<double>(refused()), "");
        report_.set("connections_closed", static_cast<double>(context_.closed), "");
        report_.set("lost", static_cast<double>(lost_), "");
        return report_;
    }
    // What a server refuses it has said so, and whoever compares may judge it; losing is worse.
    bool clean() const { return context_.closed == 0 && lost_ == 0; }

 private:
    Publisher& publisher() {
        if (!publisher_) {
            publisher_.emplace(
                poller_, *dialect_, channels_,
                Publisher::Options{.addresses = options_.publish, .textBytes = options_.textBytes});
        }
        return *publisher_;
    }
    // Publications that are neither delivered nor refused.
    std::size_t underWay() {
        return publisher().published() - publisher().refused() - deliveries_.count();
    }
    std::size_t refused() const {
        return context_.refused + (publisher_ ? publisher_->refused() : 0);
    }

    std::vector<double> cpuOfEach() const {
        std::vector<double> used;
        for (const auto& server : servers_) used.push_back(server.cpuSeconds());
        return used;
    }

    template <class Condition>
    bool runUntil(Condition condition, Clock::duration limit) {
        const auto end = Clock::now() + limit;
        while (!condition()) {
            if (Clock::now() >= end) return false;
            poller_.runOnce(end);
        }
        return true;
    }

    // Waits until the servers have come to rest: nothing else tells of all of them that every
    // request has been read.
    void settle() {
        const auto end = Clock::now() + kSettleLimit;
        double last = cpuSeconds(servers_);
        for (double used = 1; used > kIdleCpuPerStep && Clock::now() < end;) {
            runUntil([] { return false; }, kStepWait);
            used = cpuSeconds(servers_) - last;
            last += used;
        }
    }

    // Runs `step` after whatever happens, first to warm up, then while it is measured; then waits
    // for what is still under way.
    template <class Step>
    void measure(const std::string& name, Step step) {
        publisher();
        const auto run = [&](seconds duration) {
            runUntil([&] { return step(false), false; }, duration);
        };
        run(kWarmUp);
        const auto begin = Clock::now();
        const auto countBefore = deliveries_.count();
        const auto cpuBefore = cpuOfEach();
        const double ownBefore = own_.cpuSeconds();
        deliveries_.record(begin);
        run(seconds(options_.measureSeconds));
        const double elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
        const auto delivered = static_cast<double>(deliveries_.count() - countBefore);
        const auto cpuAfter = cpuOfEach();
        const double own = own_.cpuSeconds() - ownBefore;
        step(true);
        runUntil([&] { return underWay() == 0; }, kDrainLimit);
        lost_ = underWay();

        report_.set(name + "_deliveries_per_s", delivered / elapsed, "/s");
        double cpu = 0;
        for (std::size_t i = 0; i < servers_.size(); ++i) {
            const double each = (cpuAfter[i] - cpuBefore[i]) / delivered * 1e6;
            cpu += each;
            if (servers_.size() > 1) report_.set(name + "_cpu_us_" + servers_[i].name, each, "us");
        }
        report_.set(name + "_cpu_us", cpu, "us");
        report_.set(name + "_generator_cpu_us", own / delivered * 1e6, "us");
        report_.setLatencies(name, deliveries_.latencies());
    }

    const Options options_;
    const std::unique_ptr<Dialect> dialect_;
    Poller poller_;
    Ticker ticker_{poller_};
    Deliveries deliveries_;
    std::vector<Channel> channels_;
    SubscriberContext context_;
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    std::optional<Publisher> publisher_;
    std::vector<ServerProcess> servers_;
    const ServerProcess own_ = ServerProcess::self();
    std::size_t lost_ = 0;
    Report report_;
};

Options parseOptions(int argc, char** argv) {
    Options options;
    CLI::App app("Load for servers that push");
    app.add_option("--dialect", options.dialect, "parlor, nchan or limit")->required();
    app.add_option("--transport", options.transport, "longpoll, sse or websocket");
    app.add_option("--subscribe", options.subscribe, "host:port; subscribers take turns")
        ->required();
    app.add_option("--publish", options.publish, "host:port; publishers take turns");
    app.add_option("--channels", options.channels, "file of lines: id token cursor");
    app.add_option("--process", options.processes, "name=PID; its children count as well");
    app.add_option("--subscribers", options.subscribers)->check(CLI::Range(1, 19500));
    app.add_option("--rate", options.rates, "messages per second; one phase each")
        ->check(CLI::Range(1, 100000));
    app.add_option("--in-flight", options.inFlight, "a last phase, at saturation; 0: none")
        ->check(CLI::Range(0, 10000));
    app.add_option("--text-bytes", options.textBytes)->check(CLI::Range(18, 8000));
    app.add_option("--seconds", options.measureSeconds, "of each phase")->check(CLI::Range(1, 120));
    app.add_option("--hold", options.holdSeconds, "seconds to stay parked before")
        ->check(CLI::Range(0, 600));
    app.add_option("--json", options.json, "file for {\"metric\": value}");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) try {
    const auto options = parseOptions(argc, argv);
    raiseFileLimit();
    Push push(options);
    push.park();
    if (options.holdSeconds > 0) push.hold();
    for (const int rate : options.rates) push.paced(rate);
    if (options.inFlight > 0) push.saturate();
    const auto& report = push.report();
    report.print();
    if (!options.json.empty()) report.writeJson(options.json);
    return push.clean() ? report.exitCode() : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "parlor-bench-push: %s\n", error.what());
    return 2;
}
