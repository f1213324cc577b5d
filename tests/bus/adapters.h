#pragma once

#include <memory>
#include <string>

#include "bus/mqtt_bus.h"

namespace parlor::bus::test {

// The clients of a real broker.
enum class Adapter { paho, mosquitto };

inline std::string name(Adapter adapter) { return adapter == Adapter::paho ? "Paho" : "Mosquitto"; }

inline std::unique_ptr<Bus> makeBus(Adapter adapter, MqttOptions options) {
    return adapter == Adapter::paho ? makePahoBus(std::move(options))
                                    : makeMosquittoBus(std::move(options));
}

}  // namespace parlor::bus::test
