#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ledger/store/records.h"
#include "parlor/v1/directory.pb.h"
#include "proto/ids.h"

namespace parlor::ledger {

// Somebody who could be given something.
struct Candidate {
    AgentId id;
    const v1::AgentProfile* profile = nullptr;  // none: see Desk
    std::uint32_t capacity = 0;
    std::uint32_t load = 0;      // conversations held or offered
    std::int64_t givenAtMs = 0;  // the last time something was given to it
};

// A conversation that waits for an agent. `department` is its profile.
struct Waiting {
    const Conversation* row = nullptr;
    const v1::DepartmentProfile* department = nullptr;
    std::optional<AgentId> servedBy;  // whoever served the visitor last, where that matters
};

struct Match {
    const Conversation* row = nullptr;
    AgentId agent;
};

// Who gets what: the oldest of the highest priority first, each to the agent its department's
// routing prefers. Nothing that could be given is left: what is not in the result has no fitting
// agent. Those who declined get a conversation again only when its next round has begun.
std::vector<Match> route(std::vector<Waiting> waiting, std::vector<Candidate> candidates,
                         std::int64_t nowMs);

}  // namespace parlor::ledger
