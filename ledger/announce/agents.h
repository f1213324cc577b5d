#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "parlor/v1/state.pb.h"
#include "proto/ids.h"

namespace parlor::ledger {

// What the agents said of themselves on a/{agent}/status, and when they were given something.
// Thread-safe.
class AgentDirectory {
 public:
    using Clock = std::chrono::steady_clock;

    struct Presence {
        v1::AgentStatus::State state = v1::AgentStatus::STATE_UNSPECIFIED;  // said nothing yet
        std::string name;
        std::uint32_t capacity = 0;  // 0: said nothing of it
        Clock::time_point since;     // of its state
        std::int64_t givenAtMs = 0;  // Unix time
    };
    struct Absent {
        SiteId site;
        AgentId agent;
        Clock::time_point since;
        std::int64_t givenAtMs = 0;
    };

    // A new status. True where its state changed, or it takes more than before.
    bool update(const SiteId& site, const AgentId& agent, const v1::AgentStatus& status);
    // Its status was taken away: it is gone.
    bool clear(const SiteId& site, const AgentId& agent);
    // It was given a conversation.
    void gave(const SiteId& site, const AgentId& agent, std::int64_t atMs);

    // The name to be shown; the id where none is known.
    std::string nameOf(const SiteId& site, const AgentId& agent) const;
    Presence presence(const SiteId& site, const AgentId& agent) const;
    // Those that are online (not away, busy or offline), by id.
    std::vector<AgentId> onlineAgents(const SiteId& site) const;
    // Those that said they are offline, or took back what they had said.
    std::vector<Absent> absent() const;

 private:
    mutable std::mutex mutex_;
    std::unordered_map<SiteId, std::unordered_map<AgentId, Presence>> sites_;  // mutex_
};

}  // namespace parlor::ledger
