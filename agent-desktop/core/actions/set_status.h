#pragma once

#include <chrono>

#include "agent-desktop/core/bus_link.h"
#include "agent-desktop/core/identity.h"
#include "proto/codec.h"

namespace parlor::agent {

// What an agent is up to, and since when (Unix milliseconds).
struct Status {
    v1::AgentStatus::State state = v1::AgentStatus::STATE_ONLINE;
    std::int64_t sinceMs = 0;
};

// Tells everybody, retained, what this agent is up to. All but offline is a lease of 90 s
// (docs/protocol.md), to be renewed by telling it again.
void publishStatus(BusLink& link, const Identity& identity, const Status& status,
                   std::chrono::milliseconds timeout);

// What the broker is to say for us when we vanish; to be given to the bus before it starts.
bus::Message offlineWill(const Identity& identity);

}  // namespace parlor::agent
