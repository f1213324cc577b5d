#pragma once

#include <atomic>
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
// What was said in it is about to be erased.
struct CloseErased {};

// Goes with a command, and is let go of when the command is done with.
struct Ticket {
    enum class Outcome {
        lost,     // no room, or no database in time
        decided,  // carried out, or somebody was there first
        refused,  // the database does not take it
    };
    std::atomic<Outcome> outcome{Outcome::lost};
};

struct Command {
    SiteId site;
    ConversationId conversation;
    std::uint64_t fence = 0;
    std::variant<MakeOffer, EndOffer, Release, CloseSilent, CloseErased> what;
    std::shared_ptr<Ticket> ticket;
};

}  // namespace parlor::ledger
