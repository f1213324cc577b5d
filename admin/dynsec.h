#pragma once

// The control protocol of Mosquitto's dynamic-security plugin, over the bus: JSON commands to
// kControlTopic, answers on kControlResponses, matched by correlation data.
// https://mosquitto.org/documentation/dynamic-security/

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bus/bus.h"

namespace parlor::admin {

// One connection to the broker as an account that manages accounts. Calls wait; one at a time, from
// one thread.
class Dynsec {
 public:
    explicit Dynsec(std::unique_ptr<bus::Bus> bus);
    ~Dynsec();
    Dynsec(const Dynsec&) = delete;
    Dynsec& operator=(const Dynsec&) = delete;

    // Connects and subscribes to the answers. Fails with forbidden (the broker refused the account,
    // or the account may not manage others) or with unavailable (nobody answered until `deadline`).
    // A broker that is just starting is waited for.
    Expected<void> connect(bus::Deadline deadline);

    // Sends all commands as one message; the broker works them off in order, and goes on after one
    // that fails. One result each: its "data" (empty where it has none), or conflict ("… already
    // exists"), notFound, or internal with the plugin's words. Fails as a whole with what
    // publishing fails with, or with deadline: then it is not known what was done.
    Expected<std::vector<Expected<boost::json::object>>> call(
        std::vector<boost::json::object> commands, bus::Deadline deadline);

    // Like call(), for commands that all must succeed: the first failure is the call's.
    Expected<void> callAll(std::vector<boost::json::object> commands, bus::Deadline deadline);

    // Publishes an ordinary message and waits until the broker has it.
    Expected<void> publish(bus::Message message, bus::Deadline deadline);

 private:
    class Inbox;
    const std::shared_ptr<Inbox> inbox_;
    const std::unique_ptr<bus::Bus> bus_;
};

}  // namespace parlor::admin
