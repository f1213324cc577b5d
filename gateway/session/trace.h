#pragma once

#include <string>
#include <string_view>

#include "proto/trace.h"

namespace parlor::gateway {

// The traceparent of what the gateway does for a request: of the same trace as `header` and a span
// of its own; of a new trace, not sampled, where `header` is none.
std::string traceparentFor(std::string_view header);

}  // namespace parlor::gateway
