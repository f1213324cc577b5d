#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "bus/mqtt_bus.h"

namespace parlor::bus::test {

// The clients of a real broker.
enum class Adapter { paho, mosquitto };

inline std::string name(Adapter adapter) { return adapter == Adapter::paho ? "Paho" : "Mosquitto"; }

inline auto everyAdapter() { return testing::Values(Adapter::paho, Adapter::mosquitto); }
inline std::string adapterName(const testing::TestParamInfo<Adapter>& tried) {
    return name(tried.param);
}

inline std::unique_ptr<Bus> makeBus(Adapter adapter, MqttOptions options) {
    return adapter == Adapter::paho ? makePahoBus(std::move(options))
                                    : makeMosquittoBus(std::move(options));
}

class AdapterTest : public testing::TestWithParam<Adapter> {
 protected:
    static std::unique_ptr<Bus> make(MqttOptions options) {
        return makeBus(GetParam(), std::move(options));
    }
};

}  // namespace parlor::bus::test
