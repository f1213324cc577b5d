#pragma once

// Why a WebSocket was closed (docs/protocol.md).

#include <cstdint>

namespace parlor::gateway {

enum class CloseCode : std::uint16_t {
    goingAway = 1001,
    policy = 1008,
    token = 4001,
    tooSlow = 4002,
    idle = 4003,
    noBroker = 4004,
    replaced = 4005,
};

}  // namespace parlor::gateway
