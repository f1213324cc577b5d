// parlor-gateway --config=FILE

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/PatternFormatter.h>
#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/LoggingConfigurator.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionCallback.h>
#include <Poco/Util/OptionSet.h>
#include <Poco/Util/PropertyFileConfiguration.h>
#include <Poco/Util/ServerApplication.h>
#include <sys/resource.h>

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <functional>
#include <iostream>

#include "bus/mqtt_bus.h"
#include "gateway/app.h"

namespace parlor::gateway {
namespace {

constexpr std::size_t kOwnFiles = 100;  // what is not a visitor's connection

class GatewayApplication : public Poco::Util::ServerApplication {
 protected:
    void defineOptions(Poco::Util::OptionSet& options) override {
        ServerApplication::defineOptions(options);
        options.addOption(Poco::Util::Option("config", "c", "the properties file to read")
                              .required(false)
                              .argument("file")
                              .callback(Poco::Util::OptionCallback<GatewayApplication>(
                                  this, &GatewayApplication::onConfig)));
        options.addOption(Poco::Util::Option("help", "h", "says how it is called")
                              .callback(Poco::Util::OptionCallback<GatewayApplication>(
                                  this, &GatewayApplication::onHelp)));
    }

    int main(const std::vector<std::string>& arguments) override {
        if (help_) return EXIT_OK;
        try {
            if (!arguments.empty()) throw std::runtime_error("unknown argument " + arguments[0]);
            serve();
            return EXIT_OK;
        } catch (const Poco::Exception& error) {
            std::cerr << "parlor-gateway: " << error.displayText() << '\n';
        } catch (const std::exception& error) {
            std::cerr << "parlor-gateway: " << error.what() << '\n';
        }
        return 1;
    }

 private:
    void onConfig(const std::string&, const std::string& file) { configFile_ = file; }
    void onHelp(const std::string&, const std::string&) {
        help_ = true;
        stopOptionsProcessing();
        Poco::Util::HelpFormatter formatter(options());
        formatter.setCommand("parlor-gateway");
        formatter.setUsage("--config=FILE");
        formatter.setHeader("The HTTP edge of Parlor.");
        formatter.format(std::cout);
    }

    Config loadConfig() {
        if (configFile_.empty()) throw std::runtime_error("--config=FILE is needed");
        Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> file;
        try {
            file = new Poco::Util::PropertyFileConfiguration(configFile_);
        } catch (const Poco::Exception&) {
            throw std::runtime_error("cannot read " + configFile_);
        }
        if (file->has("logging")) {
            Poco::Util::LoggingConfigurator().configure(file->createView("logging"));
        } else {
            logToConsole();
        }
        return readConfig(*file);
    }

    // One logfmt line each, on stderr.
    static void logToConsole() {
        const Poco::AutoPtr<Poco::PatternFormatter> formatter(
            new Poco::PatternFormatter("time=%Y-%m-%dT%H:%M:%S.%iZ level=%p source=%s event=%t"));
        const Poco::AutoPtr<Poco::ConsoleChannel> console(new Poco::ConsoleChannel(std::cerr));
        const Poco::AutoPtr<Poco::FormattingChannel> channel(
            new Poco::FormattingChannel(formatter, console));
        Poco::Logger::root().setChannel(channel);
    }

    static std::unique_ptr<bus::DrivenBus> makeBus(const Config& config, const ClientId& client) {
        bus::MqttOptions options;
        options.servers = config.brokerServers;
        options.clientId = client.str();
        options.username = config.brokerUsername;
        options.password = config.brokerPassword;
        options.caFile = config.brokerCaFile;
        return bus::makeDrivenMosquittoBus(std::move(options));
    }

    // As many connections as the system lets one process have: the usual soft limit of 1,024 is
    // meant for programs that use select(2).
    static void raiseFileLimit(const Config& config, Poco::Logger& log) {
        rlimit files{};
        if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
        files.rlim_cur = files.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &files) != 0) ::getrlimit(RLIMIT_NOFILE, &files);
        const std::size_t wanted = config.edge.maxConnections * config.shards + kOwnFiles;
        if (files.rlim_cur >= wanted) return;
        log.warning(
            "open files are limited to " + std::to_string(files.rlim_cur) +
            ", http.maxConnections needs " + std::to_string(wanted) +
            ": raise the hard limit (LimitNOFILE, ulimit -Hn) or lower http.maxConnections");
    }

    void serve() {
        const Config config = loadConfig();
        Poco::Logger& log = Poco::Logger::get("gateway");
        raiseFileLimit(config, log);
        asio::io_context io(1);
        asio::signal_set signals(io, SIGTERM, SIGINT);
        asio::steady_timer deadline(io);
        App app(
            config, [&](const ClientId& client) { return makeBus(config, client); },
            [&log](const std::string& line) { log.information(line); });
        app.start();
        asio::signal_set hangups(io, SIGHUP);
        std::function<void()> awaitHangup = [&] {
            hangups.async_wait([&](ErrorCode failed, int) {
                if (failed) return;
                app.reload();
                awaitHangup();
            });
        };
        awaitHangup();
        signals.async_wait([&](ErrorCode failed, int) {
            if (failed) return;
            deadline.expires_after(config.drain);
            deadline.async_wait([&](ErrorCode cancelled) {
                if (!cancelled) log.warning("drain deadline passed, leaving");
                io.stop();
            });
            // A second signal leaves at once.
            signals.async_wait([&](ErrorCode, int) { io.stop(); });
            app.drain([&io] { asio::post(io, [&io] { io.stop(); }); });
        });
        io.run();
        log.information("stopping");
    }

    std::string configFile_;
    bool help_ = false;
};

}  // namespace
}  // namespace parlor::gateway

int main(int argc, char** argv) {
    parlor::gateway::GatewayApplication application;
    return application.run(argc, argv);
}
