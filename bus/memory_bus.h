#pragma once

#include <cstddef>
#include <optional>

#include "bus/driven_bus.h"

namespace parlor::bus {

// An MQTT broker inside the process, for tests, benches and single-process runs: wildcards,
// retained messages, expiry, shared subscriptions (round robin within a group), response topic,
// correlation data, user properties, wills. A publication is routed on the thread that publishes;
// handlers are called later, in order. Thread-safe. Must outlive its clients.
class MemoryBroker {
 public:
    MemoryBroker();
    ~MemoryBroker();
    MemoryBroker(const MemoryBroker&) = delete;
    MemoryBroker& operator=(const MemoryBroker&) = delete;

    // A client that is not yet started. `will` is published when its connection is cut or it is
    // destroyed without stop(). Its handlers run on one thread that the broker owns.
    std::unique_ptr<Bus> makeClient(std::string clientId, std::optional<Message> will = {});
    // … or in its owner's turns.
    std::unique_ptr<DrivenBus> makeDrivenClient(std::string clientId,
                                                std::optional<Message> will = {});

    // Faults for tests: cuts every client's connection / lets them connect again (they
    // resubscribe).
    void cutConnections();
    void restoreConnections();
    // Forgets retained messages, as a broker without persistence does when it restarts.
    void dropRetained();
    // Waits until everything published so far has been delivered and its handlers have returned,
    // but for those of driven clients.
    void drain();

    std::size_t retainedCount() const;

    class Impl;

 private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace parlor::bus
