#pragma once

#include <chrono>

#include "agent-desktop/core/bus_link.h"
#include "agent-desktop/core/identity.h"
#include "proto/codec.h"

namespace parlor::agent {

// Tells everybody, retained, what this agent is up to.
void publishStatus(BusLink& link, const Identity& identity, v1::AgentStatus::State state,
                   std::chrono::milliseconds timeout);

// What the broker is to say for us when we vanish; to be given to the bus before it starts.
bus::Message offlineWill(const Identity& identity);

}  // namespace parlor::agent
