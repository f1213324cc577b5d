#pragma once

#include <utility>

#include "bus/bus.h"

namespace parlor::test {

// A bus that never connects, and says why.
class RefusingBus : public bus::Bus {
 public:
    explicit RefusingBus(Error why) : why_(std::move(why)) {}
    void start(bus::Handlers handlers) override { handlers.onConnectFailed(why_); }
    void stop(bus::Deadline) override {}
    void publish(bus::Message, bus::DoneHandler, bus::Deadline) override {}
    void subscribe(std::vector<std::string>, bus::Qos, bus::DoneHandler, bus::Deadline) override {}
    void unsubscribe(std::vector<std::string>, bus::DoneHandler, bus::Deadline) override {}

 private:
    const Error why_;
};

}  // namespace parlor::test
