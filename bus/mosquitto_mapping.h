#pragma once

// Parlor's messages as libmosquitto's, and back.

#include <mosquitto.h>

#include <memory>

#include "bus/bus.h"

namespace parlor::bus::mosquitto {

struct FreeProperties {
    void operator()(mosquitto_property* list) const { mosquitto_property_free_all(&list); }
};
using Properties = std::unique_ptr<mosquitto_property, FreeProperties>;

// Errc::malformed where one is not UTF-8 or too long.
Expected<Properties> toProperties(const Message& message);
Message fromMosquitto(const mosquitto_message& from, const mosquitto_property* properties);

}  // namespace parlor::bus::mosquitto
