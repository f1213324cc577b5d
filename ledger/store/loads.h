#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>

#include "proto/ids.h"

namespace parlor::ledger {

struct AgentKey {
    SiteId site;
    AgentId agent;
    auto operator<=>(const AgentKey&) const = default;
};

}  // namespace parlor::ledger

template <>
struct std::hash<parlor::ledger::AgentKey> {
    std::size_t operator()(const parlor::ledger::AgentKey& key) const noexcept {
        return std::hash<parlor::AgentId>()(key.agent) ^
               (std::hash<parlor::SiteId>()(key.site) << 1);
    }
};

namespace parlor::ledger {

// How many conversations each agent holds or is offered. Who is asked for and has none is in it.
using Loads = std::unordered_map<AgentKey, std::uint32_t>;

}  // namespace parlor::ledger
