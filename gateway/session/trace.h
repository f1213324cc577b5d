#pragma once

// W3C Trace Context (https://www.w3.org/TR/trace-context/), as far as it is passed on.

#include <string>
#include <string_view>

namespace parlor::gateway {

inline constexpr const char* kTraceparent = "traceparent";  // header and MQTT user property

// The traceparent of what the gateway does for a request: of the same trace as `header` and a span
// of its own; of a new trace, not sampled, where `header` is none.
std::string traceparentFor(std::string_view header);
// The trace's id, 32 hex digits, of a traceparent that traceparentFor() gave.
std::string_view traceIdOf(std::string_view traceparent);

}  // namespace parlor::gateway
