#pragma once

#include <string>
#include <string_view>

#include "proto/errors.h"

namespace parlor::bus {

inline constexpr int kRefused = 0x80;  // MQTT 5 reason codes (section 2.4) from here on say no

// A reason code for people, e.g. "not authorized".
std::string describe(int reason);
// The error that a refusal stands for; `what` was refused.
Error refusal(int reason, std::string_view what);

}  // namespace parlor::bus
