// The gateway with its in-process bus, as one server that pushes what is published to it by HTTP.
#include <poll.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench/gateway/publish_server.h"
#include "bus/memory_bus.h"
#include "gateway/app.h"

namespace {

using namespace parlor;

// A shard's client of the bus whose loop also serves those who publish, as a worker of nginx does.
class PublishingBus final : public bus::DrivenBus {
 public:
    PublishingBus(std::unique_ptr<bus::DrivenBus> bus, std::unique_ptr<bench::PublishServer> server)
        : bus_(std::move(bus)), server_(std::move(server)) {}

    void drive(std::function<void()> wake) override {
        bus_->drive([this, wake = std::move(wake)] {
            if (publishing != this) wake();  // else it is about to look by itself
        });
    }
    Socket socket() const override { return {server_->fd(), 1}; }
    bool wantsToWrite() const override { return false; }
    std::optional<bus::Deadline> nextTurn() const override { return bus_->nextTurn(); }
    void turn(bool readable, bool /*writable*/) override {
        if (readable) {
            publishing = this;
            server_->turn();
            publishing = nullptr;
        }
        bus_->turn(false, false);
    }
    void beginStop(bus::Deadline deadline) override { bus_->beginStop(deadline); }
    bool ended() const override { return bus_->ended(); }

    void start(bus::Handlers handlers) override { bus_->start(std::move(handlers)); }
    void publish(bus::Message message, bus::DoneHandler done, bus::Deadline deadline) override {
        bus_->publish(std::move(message), std::move(done), deadline);
    }
    void subscribe(std::vector<std::string> filters, bus::Qos qos, bus::DoneHandler done,
                   bus::Deadline deadline) override {
        bus_->subscribe(std::move(filters), qos, std::move(done), deadline);
    }
    void unsubscribe(std::vector<std::string> filters, bus::DoneHandler done,
                     bus::Deadline deadline) override {
        bus_->unsubscribe(std::move(filters), std::move(done), deadline);
    }

 private:
    static thread_local const PublishingBus* publishing;

    const std::unique_ptr<bus::DrivenBus> bus_;
    const std::unique_ptr<bench::PublishServer> server_;
};
thread_local const PublishingBus* PublishingBus::publishing = nullptr;

void awaitSignal(int signals) {
    pollfd polled{.fd = signals, .events = POLLIN, .revents = 0};
    while (::poll(&polled, 1, -1) < 0) {
    }
}

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
        [&](const ClientId& client) {
            return std::make_unique<PublishingBus>(
                broker.makeDrivenClient(client.str()),
                std::make_unique<bench::PublishServer>(publishPort, ledger, site, keyFile));
        },
        [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); });
    gateway.start();
    awaitSignal(signals.get());
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "parlor-bench-host: %s\n", error.what());
    return 1;
}
