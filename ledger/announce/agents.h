#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "parlor/v1/state.pb.h"
#include "proto/ids.h"

namespace parlor::ledger {

// What the agents said of themselves on a/{agent}/status. Thread-safe.
class AgentDirectory {
 public:
    // A new status; an empty payload (`cleared`) means the agent is gone. True where the number of
    // agents online at the site changed.
    bool update(const SiteId& site, const AgentId& agent, const v1::AgentStatus& status);
    bool clear(const SiteId& site, const AgentId& agent);

    // The name to be shown; the id where none is known.
    std::string nameOf(const SiteId& site, const AgentId& agent) const;
    // Those that are online (not away, busy or offline).
    std::uint32_t online(const SiteId& site) const;

 private:
    struct Entry {
        v1::AgentStatus::State state = v1::AgentStatus::STATE_OFFLINE;
        std::string name;
    };

    mutable std::mutex mutex_;
    std::unordered_map<SiteId, std::unordered_map<AgentId, Entry>> sites_;  // mutex_
};

}  // namespace parlor::ledger
