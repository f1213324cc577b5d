#pragma once

#include <cstdint>

namespace parlor::test {

// A TCP port of 127.0.0.1 that was free a moment ago. Throws std::system_error.
std::uint16_t freePort();

}  // namespace parlor::test
