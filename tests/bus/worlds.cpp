#include "tests/bus/worlds.h"

#include "bus/memory_bus.h"
#include "tests/bus/adapters.h"
#include "tests/support/mosquitto.h"
#include "tests/support/tcp_proxy.h"

namespace parlor::bus::test {
namespace {

class MemoryWorld final : public World {
 public:
    std::unique_ptr<Bus> makeClient(const std::string& clientId,
                                    std::optional<Message> will) override {
        return broker_.makeClient(clientId, std::move(will));
    }
    void cut() override { broker_.cutConnections(); }
    void restore() override { broker_.restoreConnections(); }
    std::size_t publishQueue() const override { return 65536; }

 private:
    MemoryBroker broker_;
};

class MosquittoWorld final : public World {
 public:
    explicit MosquittoWorld(Adapter adapter) : adapter_(adapter) {}

    std::unique_ptr<Bus> makeClient(const std::string& clientId,
                                    std::optional<Message> will) override {
        MqttOptions options;
        options.servers = {line_.address()};
        options.clientId = clientId;
        options.will = std::move(will);
        options.backoffMax = std::chrono::milliseconds(200);
        options.publishQueue = publishQueue();
        return makeBus(adapter_, std::move(options));
    }
    void cut() override { line_.cut(); }
    void restore() override { line_.restore(); }
    std::size_t publishQueue() const override { return 100; }

 private:
    const Adapter adapter_;
    parlor::test::Mosquitto broker_;
    parlor::test::TcpProxy line_{broker_.port()};
};

}  // namespace

std::string name(WorldKind kind) {
    switch (kind) {
        case WorldKind::memory:
            return "Memory";
        case WorldKind::paho:
            return "Paho";
        case WorldKind::mosquitto:
            return "Mosquitto";
    }
    return {};
}

std::unique_ptr<World> makeWorld(WorldKind kind) {
    if (kind == WorldKind::memory) return std::make_unique<MemoryWorld>();
    return std::make_unique<MosquittoWorld>(kind == WorldKind::paho ? Adapter::paho
                                                                    : Adapter::mosquitto);
}

}  // namespace parlor::bus::test
