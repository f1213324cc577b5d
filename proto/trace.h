#pragma once

// W3C Trace Context (https://www.w3.org/TR/trace-context/), as far as Parlor's parts pass it on.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parlor {

inline constexpr const char* kTraceparent = "traceparent";  // header and MQTT user property

bool isTraceparent(std::string_view text);
// Of what isTraceparent(): the trace's id, 32 hex digits; its flags, two; whether these say that
// somebody may record the trace.
std::string_view traceIdOf(std::string_view traceparent);
std::string_view traceFlagsOf(std::string_view traceparent);
bool isSampled(std::string_view traceparent);
// For the log: " trace=…"; of an empty traceparent nothing.
std::string traceMember(std::string_view traceparent);

// The traceparent among a message's user properties; empty: none, or nothing that is one.
std::string_view traceparentOf(
    const std::vector<std::pair<std::string, std::string>>& userProperties);

}  // namespace parlor
