#pragma once

// Parlor's messages and errors as Paho's, and back.

#include <mqtt/message.h>
#include <mqtt/will_options.h>

#include <string>
#include <string_view>

#include "bus/bus.h"

namespace parlor::bus::paho {

inline constexpr int kRefused = 0x80;  // MQTT 5 reason codes from here on say no

mqtt::const_message_ptr toPaho(const Message& message);
mqtt::will_options toPahoWill(const Message& message);
Message fromPaho(const mqtt::message& message);

// A reason code for people, e.g. "not authorized".
std::string describe(int reason);
// The error that a refusal stands for; `what` was refused.
Error refusal(int reason, std::string_view what);

}  // namespace parlor::bus::paho
