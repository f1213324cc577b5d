// parlor-bench-ledger: how many events a second one ledger records, durably, on the in-process bus,
// on each database; how that compares with a plain C client doing the same inserts in batches of
// the same size; and how long reading takes as the record grows. Servers are its own, on free
// ports of 127.0.0.1.

#include "ledger/app/ledger.h"

#include <Poco/AutoPtr.h>
#include <Poco/Logger.h>
#include <Poco/NullChannel.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <thread>

#include "bench/ledger/posters.h"
#include "bench/ledger/raw_limits.h"
#include "bench/ledger/reading.h"
#include "bench/support/procfs.h"
#include "bench/support/report.h"
#include "bus/memory_bus.h"
#include "ledger/store/sql_store.h"
#include "tests/ledger/databases.h"
#include "tests/support/eventually.h"

namespace parlor::bench {
namespace {

using Clock = std::chrono::steady_clock;
using ledger::Dialect;
using ledger::test::Database;

struct Options {
    int seconds = 5;
    PostingLoad posting;
    int lingerMs = 0;
    std::size_t writers = ledger::IntakeOptions().writers;
    ReadingLoad reading;
    std::vector<std::string> databases{"sqlite", "postgresql", "mariadb"};
    std::string json;
};

void await(const std::function<bool()>& condition) {
    if (!test::eventually(condition, std::chrono::seconds(30))) {
        throw std::runtime_error("the ledger does not answer");
    }
}

Poco::Logger& silentLog() {
    auto& log = Poco::Logger::get("bench");
    log.setChannel(Poco::AutoPtr<Poco::Channel>(new Poco::NullChannel));
    return log;
}

std::unique_ptr<ledger::SqlStore> migrated(const Database& database) {
    auto store = std::make_unique<ledger::SqlStore>(database.url());
    if (const auto done = store->migrate(); !done) throw std::runtime_error(done.error().text);
    return store;
}

struct Recorded {
    double rate = 0;   // events a second
    double batch = 0;  // events in a transaction
};

// Of this process and its servers.
double allCpuSeconds() { return cpuSeconds(withDescendants(ServerProcess::self())); }

// On a database of its own, so that none finds what another left.
Recorded measureRecording(Dialect dialect, const std::string& name, const Options& options,
                          Report& report) {
    const auto database = Database::start(dialect);
    const auto store = migrated(*database);
    bus::MemoryBroker broker;
    const auto bus = broker.makeClient("ledger");
    ledger::Ledger::Options ledgerOptions;
    ledgerOptions.intake.pace.linger = std::chrono::milliseconds(options.lingerMs);
    ledgerOptions.intake.writers = options.writers;
    ledger::Ledger ledger(ledgerOptions, *store, *bus, silentLog());
    ledger.start();
    await([&] { return ledger.subscribed(); });
    Posters posters(broker, options.posting);
    posters.start();
    await([&] { return posters.opened(); });

    const double cpuBefore = ServerProcess::self().cpuSeconds();
    const double allCpuBefore = allCpuSeconds();
    const auto batchesBefore = ledger.metrics().batchesSoFar();
    const auto begin = Clock::now();
    posters.run();
    std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
    const auto events = static_cast<double>(posters.recorded());
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    posters.stop();
    await([&] { return posters.idle(); });
    const double cpu = ServerProcess::self().cpuSeconds() - cpuBefore;
    const double serverCpu = allCpuSeconds() - allCpuBefore - cpu;
    const auto batches = ledger.metrics().batchesSoFar() - batchesBefore;
    const Recorded recorded{events / seconds, events / static_cast<double>(batches)};
    report.set("recorded_rate_" + name, recorded.rate, "events/s");
    report.set("recorded_failed_" + name, static_cast<double>(posters.failed()), "");
    report.set("recorded_batch_" + name, recorded.batch, "events");
    report.set("recorded_cpu_us_" + name, cpu / events * 1e6,
               "us/event: ledger, load generator, SQLite");
    report.set("recorded_server_cpu_us_" + name, serverCpu / events * 1e6, "us/event");
    report.setLatencies("recorded_" + name, posters.latencies());
    ledger.stop(Clock::now() + std::chrono::seconds(5));
    return recorded;
}

double rawRate(const Database& database, const RawLoad& load) {
    switch (database.url().dialect) {
        case Dialect::sqlite:
            return rawSqliteRate(database.url(), load);
        case Dialect::postgresql:
            return rawPostgresqlRate(database.url(), load);
        case Dialect::mysql:
            return rawMariadbRate(database.url(), load);
    }
    return 0;
}

void measureDatabase(const std::string& name, const Options& options, Report& report) {
    const auto dialect = name == "sqlite"       ? Dialect::sqlite
                         : name == "postgresql" ? Dialect::postgresql
                                                : Dialect::mysql;
    const auto recorded = measureRecording(dialect, name, options, report);
    {
        const auto database = Database::start(dialect);
        migrated(*database);
        const double raw = rawRate(*database, {options.posting.conversations,
                                               std::max(1, static_cast<int>(recorded.batch)),
                                               std::chrono::seconds(options.seconds)});
        report.set("raw_rate_" + name, raw, "events/s");
        report.set("recorded_ratio_raw_" + name, recorded.rate / raw, "");
    }
    if (options.reading.events == 0) return;
    const auto database = Database::start(dialect);
    measureReading(*migrated(*database), name, options.reading, report);
}

int run(const Options& options) {
    Report report;
    for (const auto& name : options.databases) measureDatabase(name, options, report);
    report.print();
    if (!options.json.empty()) report.writeJson(options.json);
    return report.exitCode();
}

}  // namespace
}  // namespace parlor::bench

int main(int argc, char** argv) {
    parlor::bench::Options options;
    CLI::App app("How many events one ledger records, and how fast they are read");
    app.add_option("--seconds", options.seconds)->check(CLI::Range(1, 60));
    app.add_option("--conversations", options.posting.conversations)->check(CLI::Range(1, 100000));
    app.add_option("--in-flight", options.posting.inFlight)->check(CLI::Range(1, 100000));
    app.add_option("--drafts", options.posting.draftsPerPost)->check(CLI::Range(1, 64));
    app.add_option("--text-bytes", options.posting.textBytes)->check(CLI::Range(1, 8192));
    app.add_option("--linger-ms", options.lingerMs)->check(CLI::Range(0, 100));
    app.add_option("--writers", options.writers, "transactions at a time on servers")
        ->check(CLI::Range(1, 64));
    app.add_option("--events", options.reading.events,
                   "in the database when reading is measured; 0: it is not")
        ->check(CLI::Range(0, 100'000'000));
    app.add_option("--database", options.databases, "sqlite, postgresql, mariadb; several times")
        ->check(CLI::IsMember({"sqlite", "postgresql", "mariadb"}));
    app.add_option("--json", options.json);
    CLI11_PARSE(app, argc, argv);
    try {
        return parlor::bench::run(options);
    } catch (const std::exception& exception) {
        std::cerr << "parlor-bench-ledger: " << exception.what() << "\n";
        return 1;
    }
}
