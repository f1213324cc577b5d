#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "bus/memory_bus.h"

namespace parlor::gateway::test {

// A client of a MemoryBroker whose own connection can be cut and restored, while the broker's other
// clients go on. What it published meanwhile fails.
class CuttableBus : public bus::Bus {
 public:
    CuttableBus(bus::MemoryBroker& broker, std::string clientId);
    ~CuttableBus() override;

    void cut();
    void restore();

    void start(bus::Handlers handlers) override;
    void stop(bus::Deadline deadline) override;
    void publish(bus::Message message, bus::DoneHandler done, bus::Deadline deadline) override;
    void subscribe(std::vector<std::string> filters, bus::Qos qos, bus::DoneHandler done,
                   bus::Deadline deadline) override;
    void unsubscribe(std::vector<std::string> filters, bus::DoneHandler done,
                     bus::Deadline deadline) override;

 private:
    std::shared_ptr<bus::Bus> client();

    bus::MemoryBroker& broker_;
    const std::string clientId_;
    bus::Handlers handlers_;  // constant after start()
    std::mutex mutex_;
    std::shared_ptr<bus::Bus> client_;      // guarded by mutex_; null while cut
    std::map<std::string, bus::Qos> kept_;  // guarded by mutex_
    bool cut_ = false;                      // guarded by mutex_
};

}  // namespace parlor::gateway::test
