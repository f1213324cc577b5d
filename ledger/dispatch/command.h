#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "proto/ids.h"

namespace parlor::ledger {

// What the ledger itself wants done with a conversation. Each names the fence it was decided on:
// where somebody was there first, nothing is done.
struct MakeOffer {
    AgentId agent;
    std::int64_t untilMs = 0;
};
// The agent did not answer, or went away.
struct EndOffer {
    AgentId agent;
};
// The holder is gone: back to the head of the queue.
struct Release {
    AgentId agent;
    std::string reason;
};
// Nobody has spoken since.
struct CloseSilent {
    std::int64_t spokenBeforeMs = 0;
};

struct Command {
    SiteId site;
    ConversationId conversation;
    std::uint64_t fence = 0;
    std::variant<MakeOffer, EndOffer, Release, CloseSilent> what;
    // Let go of when the command is done with, whatever came of it.
    std::shared_ptr<void> ticket;
};

}  // namespace parlor::ledger
