#pragma once

#include <memory>

#include "bus/driven_bus.h"

namespace parlor::gateway::test {

// Makes a bus that has a thread of its own one that a loop works: what it reports waits for turn().
std::unique_ptr<bus::DrivenBus> makeDriven(std::unique_ptr<bus::Bus> bus);

}  // namespace parlor::gateway::test
