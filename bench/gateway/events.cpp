// Publishes events to a broker, as the ledger would, for what is published to it by HTTP.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench/gateway/publish_server.h"
#include "bus/mqtt_bus.h"

int main(int argc, char** argv) try {
    using namespace parlor;
    CLI::App app("Stands in for the ledger");
    std::uint16_t port = 0;
    std::string broker;
    std::string keyFile;
    app.add_option("--publish-port", port, "see publish_server.h")->required();
    app.add_option("--broker", broker, "tcp://host:port")->required();
    app.add_option("--key-file", keyFile, "as the gateways' token.keyFile")->required();
    CLI11_PARSE(app, argc, argv);

    const auto signals = bench::blockSignals();
    const auto site = *SiteId::parse("bench");
    bus::MqttOptions options;
    options.servers = {broker};
    options.clientId = "bench-events";
    bench::StandIn ledger(bus::makeMosquittoBus(std::move(options)), site);
    ledger.start();
    bench::PublishServer(port, ledger, site, keyFile).run(signals.get());
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "parlor-bench-events: %s\n", error.what());
    return 1;
}
