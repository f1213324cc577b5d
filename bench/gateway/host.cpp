// The gateway with its in-process bus, as one server that pushes what is published to it by HTTP.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>

#include "bench/gateway/publish_server.h"
#include "bus/memory_bus.h"
#include "gateway/app.h"

namespace {

using namespace parlor;

gateway::Config makeConfig(std::uint16_t port, unsigned shards, const std::string& keyFile,
                           const SiteId& site) {
    gateway::Config config;
    config.listen = {boost::asio::ip::address_v4::loopback(), port};
    config.shards = shards;
    config.replica = "bench";
    config.edge.sites[site].anyOrigin = true;
    config.tokenKeys = gateway::readTokenKeys(keyFile);
    config.tokenLifetime = std::chrono::hours(24);
    return config;
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App app("The gateway with its in-process bus");
    std::uint16_t port = 0;
    std::uint16_t publishPort = 0;
    unsigned shards = std::max(1U, std::thread::hardware_concurrency());
    std::string keyFile;
    app.add_option("--port", port, "where visitors come")->required();
    app.add_option("--publish-port", publishPort, "see publish_server.h")->required();
    app.add_option("--key-file", keyFile, "as the gateway's token.keyFile")->required();
    app.add_option("--shards", shards)->check(CLI::Range(1, 64));
    CLI11_PARSE(app, argc, argv);

    const auto signals = bench::blockSignals();
    const auto site = *SiteId::parse("bench");
    bus::MemoryBroker broker;
    bench::StandIn ledger(broker.makeClient("ledger"), site);
    ledger.start();
    gateway::App gateway(
        makeConfig(port, shards, keyFile, site),
        [&](const ClientId& client) { return bus::makeDriven(broker.makeClient(client.str())); },
        [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); });
    gateway.start();
    bench::PublishServer(publishPort, ledger, site, keyFile).run(signals.get());
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "parlor-bench-host: %s\n", error.what());
    return 1;
}
