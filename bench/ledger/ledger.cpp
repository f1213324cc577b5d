// parlor-bench-ledger: how many events a second one ledger records, durably, on the in-process bus;
// and how that compares with a plain C client doing the same inserts in batches of the same size.

#include "ledger/app/ledger.h"

#include <Poco/AutoPtr.h>
#include <Poco/Logger.h>
#include <Poco/NullChannel.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <filesystem>
#include <iostream>
#include <thread>

#include "bench/ledger/raw_sqlite.h"
#include "bench/support/procfs.h"
#include "bench/support/report.h"
#include "bus/memory_bus.h"
#include "ledger/store/sql_store.h"
#include "proto/codec.h"
#include "proto/topics.h"

namespace parlor::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    int seconds = 5;
    int conversations = 1000;
    int inFlight = 1000;
    int draftsPerPost = 1;
    int textBytes = 200;
    int lingerMs = 0;
    std::string directory = std::filesystem::temp_directory_path();
    std::string json;
};

// Opens conversations, then keeps posts under way in so many of them: each receipt sends the next.
class Visitors {
 public:
    Visitors(bus::MemoryBroker& broker, const Options& options)
        : options_(options), bus_(broker.makeClient("bench")) {}
    ~Visitors() { bus_->stop(Clock::now() + std::chrono::seconds(5)); }

    void start() {
        bus_->start(
            {.onMessage = [this](bus::Message&& message) { onReply(message); }, .onState = {}});
        bus_->subscribe({topics::filters::gatewayReplies(client_)}, bus::Qos::atLeastOnce, {},
                        Clock::now() + std::chrono::seconds(5));
        for (int i = 0; i < options_.conversations; ++i) {
            conversations_.push_back(ConversationId::generate());
            open(conversations_.back());
        }
    }
    bool opened() const { return opened_.load() == options_.conversations; }
    void run() {
        running_ = true;
        for (int i = 0; i < options_.inFlight; ++i) {
            post(static_cast<std::size_t>(i % options_.conversations));
        }
    }
    void stop() { running_ = false; }
    std::uint64_t recorded() const { return recorded_.load(); }
    std::uint64_t failed() const { return failed_.load(); }
    // After stop(), once nothing is under way.
    const Latencies& latencies() const { return latencies_; }
    bool idle() const { return underWay_.load() == 0; }

 private:
    void open(const ConversationId& conversation) {
        v1::Request request;
        request.mutable_open()->set_conversation(conversation.str());
        request.mutable_open()->set_request_id(Ulid::generate().str());
        send(topics::Rpc{site_, topics::Method::open, *CallerId::parse("gateway")}, encode(request),
             "open");
    }
    void post(std::size_t index) {
        v1::Post post;
        for (int i = 0; i < options_.draftsPerPost; ++i) {
            auto& draft = *post.add_drafts();
            draft.set_request_id(Ulid::generate().str());
            draft.mutable_message()->set_text(
                std::string(static_cast<std::size_t>(options_.textBytes), 'x'));
        }
        underWay_.fetch_add(1);
        const auto now = Clock::now().time_since_epoch().count();
        send(topics::VisitorIn{site_, conversations_[index]}, encode(post),
             std::to_string(index) + ":" + std::to_string(now));
    }
    void send(const topics::Topic& topic, std::string payload, std::string correlation) {
        bus::Message message;
        message.topic = topics::format(topic);
        message.payload = std::move(payload);
        message.responseTopic =
            topics::format(topics::Reply{site_, *CallerId::parse("gateway"), client_});
        message.correlationData = std::move(correlation);
        bus_->publish(std::move(message), {}, Clock::now() + std::chrono::seconds(10));
    }
    void onReply(const bus::Message& message) {
        const auto answers = decodeReply(message.correlationData, message.payload);
        for (const v1::Answer& answer : *answers) onAnswer(answer);
    }
    void onAnswer(const v1::Answer& answer) {
        if (answer.correlation() == "open") {
            opened_.fetch_add(1);
            return;
        }
        underWay_.fetch_sub(1);
        const auto colon = answer.correlation().find(':');
        const auto index = std::stoul(answer.correlation().substr(0, colon));
        const Clock::duration sent(std::stoll(answer.correlation().substr(colon + 1)));
        latencies_.add(Clock::now().time_since_epoch() - sent);
        for (const auto& receipt : answer.response().post().receipts()) {
            (receipt.has_recorded() ? recorded_ : failed_).fetch_add(1);
        }
        if (running_) post(index);
    }

    const Options options_;
    const SiteId site_ = *SiteId::parse("shop");
    const ClientId client_ = *ClientId::parse("bench");
    const std::unique_ptr<bus::Bus> bus_;
    std::vector<ConversationId> conversations_;
    Latencies latencies_;  // the bus's thread
    std::atomic<int> opened_{0};
    std::atomic<int> underWay_{0};
    std::atomic<bool> running_{false};
    std::atomic<std::uint64_t> recorded_{0};
    std::atomic<std::uint64_t> failed_{0};
};

void await(const std::function<bool()>& condition) {
    const auto end = Clock::now() + std::chrono::seconds(30);
    while (!condition()) {
        if (Clock::now() > end) throw std::runtime_error("the ledger does not answer");
        usleep(1000);
    }
}

Poco::Logger& silentLog() {
    auto& log = Poco::Logger::get("bench");
    log.setChannel(Poco::AutoPtr<Poco::Channel>(new Poco::NullChannel));
    return log;
}

void run(const Options& options) {
    const auto directory =
        std::filesystem::path(options.directory) / ("parlor-bench-" + std::to_string(::getpid()));
    std::filesystem::create_directories(directory);
    ledger::SqlStore store(
        *ledger::DatabaseUrl::parse("sqlite://" + (directory / "ledger.db").string()));
    if (const auto done = store.migrate(); !done) throw std::runtime_error(done.error().text);
    Report report;
    double batch = 0;
    {
        bus::MemoryBroker broker;
        const auto bus = broker.makeClient("ledger");
        ledger::Ledger::Options ledgerOptions;
        ledgerOptions.intake.linger = std::chrono::milliseconds(options.lingerMs);
        ledger::Ledger ledger(ledgerOptions, store, *bus, silentLog());
        ledger.start();
        await([&] { return ledger.subscribed(); });
        Visitors visitors(broker, options);
        visitors.start();
        await([&] { return visitors.opened(); });

        const double cpuBefore = ServerProcess::self().cpuSeconds();
        const auto batchesBefore = ledger.metrics().batchesSoFar();
        const auto begin = Clock::now();
        visitors.run();
        std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
        const auto events = static_cast<double>(visitors.recorded());
        const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        visitors.stop();
        await([&] { return visitors.idle(); });
        const double cpu = ServerProcess::self().cpuSeconds() - cpuBefore;
        batch = events / static_cast<double>(ledger.metrics().batchesSoFar() - batchesBefore);
        report.set("recorded_rate_sqlite", events / seconds, "events/s");
        report.set("recorded_failed", static_cast<double>(visitors.failed()), "");
        report.set("recorded_batch", batch, "events");
        report.set("recorded_cpu_us", cpu / events * 1e6, "us/event, load generator included");
        report.setLatencies("recorded", visitors.latencies());
        ledger.stop(Clock::now() + std::chrono::seconds(5));
    }
    const double raw = rawSqliteRate((directory / "raw.db").string(), options.conversations,
                                     std::max(1, static_cast<int>(batch)), options.seconds);
    report.set("raw_rate_sqlite", raw, "events/s");
    std::filesystem::remove_all(directory);
    report.print();
    if (!options.json.empty()) report.writeJson(options.json);
}

}  // namespace
}  // namespace parlor::bench

int main(int argc, char** argv) {
    parlor::bench::Options options;
    CLI::App app("How many events one ledger records");
    app.add_option("--seconds", options.seconds)->check(CLI::Range(1, 60));
    app.add_option("--conversations", options.conversations)->check(CLI::Range(1, 100000));
    app.add_option("--in-flight", options.inFlight)->check(CLI::Range(1, 100000));
    app.add_option("--drafts", options.draftsPerPost)->check(CLI::Range(1, 64));
    app.add_option("--text-bytes", options.textBytes)->check(CLI::Range(1, 8192));
    app.add_option("--linger-ms", options.lingerMs)->check(CLI::Range(0, 100));
    app.add_option("--dir", options.directory, "where the databases are made");
    app.add_option("--json", options.json);
    CLI11_PARSE(app, argc, argv);
    try {
        parlor::bench::run(options);
        return 0;
    } catch (const std::exception& exception) {
        std::cerr << "parlor-bench-ledger: " << exception.what() << "\n";
        return 1;
    }
}
