#pragma once

// Parlor's messages as Paho's, and back.

#include <mqtt/message.h>
#include <mqtt/will_options.h>

#include "bus/bus.h"

namespace parlor::bus::paho {

mqtt::const_message_ptr toPaho(const Message& message);
mqtt::will_options toPahoWill(const Message& message);
Message fromPaho(const mqtt::message& message);

}  // namespace parlor::bus::paho
