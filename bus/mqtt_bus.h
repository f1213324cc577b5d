#pragma once

#include <memory>

#include "bus/driven_bus.h"
#include "bus/mqtt_options.h"

namespace parlor::bus {

// MQTT 5. Clean start: what is not confirmed end to end is retried by its sender, so no session is
// kept in the broker.
//
// What was sent and not confirmed when the connection goes fails with unavailable; what was not
// sent yet waits for the next connection until its deadline. A filter that the broker forbids when
// it is subscribed again is no longer kept. The will speaks only for a process that ends without
// stop(). Both throw std::invalid_argument without a server or for one that is not written as
// MqttOptions says, and std::runtime_error where the library cannot be set up.

// Over Eclipse Paho MQTT C++, for clients with little to do: agents, tools. Paho's two threads and
// its lock serve all clients of the process.
std::unique_ptr<Bus> makePahoBus(MqttOptions options);

// Over Mosquitto's own client library, for gateways and ledgers: the thread that owns it reads and
// writes the connection (docs/adr/0001-libmosquitto-beside-paho.md says what that gains). A
// server's name is looked up on another thread meanwhile.
std::unique_ptr<Bus> makeMosquittoBus(MqttOptions options);
std::unique_ptr<DrivenBus> makeDrivenMosquittoBus(MqttOptions options);

}  // namespace parlor::bus
