#include "ledger/app/application.h"

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/PatternFormatter.h>
#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/PropertyFileConfiguration.h>
#include <google/protobuf/stubs/logging.h>
#include <sys/stat.h>

#include <iostream>

#include "bus/mqtt_bus.h"
#include "ledger/app/health_server.h"
#include "ledger/app/ledger.h"
#include "ledger/maintenance/maintenance.h"
#include "ledger/store/sql_store.h"

namespace parlor::ledger {
namespace {

constexpr std::chrono::seconds kStopDeadline{8};
// Of that: what is left when the database is waited for no longer.
constexpr std::chrono::seconds kWithoutDatabase{1};

std::unique_ptr<bus::Bus> makeBus(const BrokerConfig& broker) {
    bus::MqttOptions options;
    options.servers = broker.servers;
    options.clientId = "ledger-" + Ulid::generate().str();
    options.username = broker.username;
    options.password = broker.password;
    options.caFile = broker.caFile;
    return bus::makeMosquittoBus(std::move(options));
}

std::string whyNotReady(const Ledger& ledger, Store& store) {
    if (!ledger.brokerConnected()) return "no broker";
    if (!ledger.subscribed()) return "the broker has not granted the subscriptions";
    if (!ledger.recording()) return "the database takes nothing";
    const auto epoch = store.makeReader()->epoch();
    if (!epoch) return epoch.error().text;
    return {};
}

}  // namespace

void Application::defineOptions(Poco::Util::OptionSet& options) {
    ServerApplication::defineOptions(options);
    options.addOption(Poco::Util::Option("config", "c", "reads its configuration from this file")
                          .argument("FILE")
                          .required(false));
    options.addOption(
        Poco::Util::Option(
            "verify", "",
            "checks the record's chain of hashes and ends; a ledger may run meanwhile")
            .required(false));
    options.addOption(
        Poco::Util::Option("restore-done", "",
                           "raises the epoch and ends: to be run once after a backup of the "
                           "database was restored, before a ledger starts")
            .required(false));
    options.addOption(Poco::Util::Option("help", "h", "prints this").required(false));
}

void Application::handleOption(const std::string& name, const std::string& value) {
    if (name == "help") {
        helpWanted_ = true;
        stopOptionsProcessing();
    } else if (name == "config") {
        configFile_ = value;
    } else if (name == "restore-done") {
        restoreDoneWanted_ = true;
    } else if (name == "verify") {
        verifyWanted_ = true;
    } else {
        ServerApplication::handleOption(name, value);
    }
}

void Application::setUpLogging() {
    const Poco::AutoPtr<Poco::ConsoleChannel> console(new Poco::ConsoleChannel(std::cerr));
    const Poco::AutoPtr<Poco::PatternFormatter> pattern(
        new Poco::PatternFormatter("%Y-%m-%dT%H:%M:%S.%iZ level=%q %t"));
    const Poco::AutoPtr<Poco::FormattingChannel> channel(
        new Poco::FormattingChannel(pattern, console));
    logger().setChannel(channel);
}

int Application::main(const std::vector<std::string>& /*arguments*/) {
    if (helpWanted_) {
        Poco::Util::HelpFormatter help(options());
        help.setCommand("parlor-ledger");
        help.setUsage("--config=FILE");
        help.setHeader("Gives every event of a conversation its place, records it, publishes it.");
        help.format(std::cout);
        return EXIT_OK;
    }
    setUpLogging();
    // It would write a line for each piece of garbage that comes in; those are counted.
    google::protobuf::SetLogHandler(nullptr);
    if (configFile_.empty()) {
        std::cerr << "parlor-ledger: --config=FILE is missing\n";
        return EXIT_USAGE;
    }
    try {
        // By its content, whatever the file is called.
        const Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> file(
            new Poco::Util::PropertyFileConfiguration(configFile_));
        this->config().add(file, PRIO_APPLICATION);
    } catch (const Poco::Exception& exception) {
        std::cerr << "parlor-ledger: cannot read " << configFile_ << ": " << exception.displayText()
                  << "\n";
        return 1;
    }
    const auto config = Config::read(this->config());
    if (!config) {
        std::cerr << "parlor-ledger: " << configFile_ << ": " << config.error().text << "\n";
        return 1;
    }
    if (verifyWanted_) return verifyRecord(*config);
    return restoreDoneWanted_ ? raiseEpoch(*config) : serve(*config);
}

int Application::verifyRecord(const Config& config) {
    const auto result = verifyDatabase(config.database);
    if (!result) {
        std::cerr << "parlor-ledger: " << result.error().text << "\n";
        return 1;
    }
    std::cout << result->str() << "\n";
    return result->broken ? kBrokenExitCode : EXIT_OK;
}

int Application::raiseEpoch(const Config& config) {
    const auto epoch = restoreDone(config.database);
    if (!epoch) {
        std::cerr << "parlor-ledger: " << epoch.error().text << "\n";
        return 1;
    }
    std::cout << "epoch " << *epoch << "\n";
    return EXIT_OK;
}

int Application::serve(const Config& config) {
    ::umask(S_IRWXG | S_IRWXO);  // the database holds what people said
    try {
        SqlStore store(config.database);
        if (const auto migrated = store.migrate(); !migrated) {
            std::cerr << "parlor-ledger: " << config.database.display() << ": "
                      << migrated.error().text << "\n";
            return 1;
        }
        const auto bus = makeBus(config.broker);
        Ledger ledger({.intake = config.intake,
                       .history = config.history,
                       .dispatch = config.dispatch,
                       .herald = config.herald,
                       .jobs = config.jobs},
                      store, *bus, logger());
        const HealthServer health(config.health,
                                  {.notReady = [&] { return whyNotReady(ledger, store); },
                                   .metrics = [&] { return ledger.metrics().text(); }});
        poco_information(logger(), "health address=" + health.address());
        ledger.start();
        poco_information(logger(), "started database=" + config.database.display());
        waitForTerminationRequest();
        poco_information(logger(), "stopping");
        const auto deadline = bus::Clock::now() + kStopDeadline;
        store.endAt(deadline - kWithoutDatabase);
        ledger.stop(deadline);
        poco_information(logger(), "stopped");
        return EXIT_OK;
    } catch (const Poco::Exception& exception) {
        std::cerr << "parlor-ledger: " << exception.displayText() << "\n";
        return 1;
    }
}

}  // namespace parlor::ledger
