#pragma once

// What a draft or a command does to a conversation. Pure: no clock, no database, no bus.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/dispatch/command.h"
#include "ledger/dispatch/desk.h"
#include "ledger/store/loads.h"
#include "ledger/store/records.h"
#include "parlor/v1/event.pb.h"
#include "parlor/v1/post.pb.h"
#include "proto/errors.h"

namespace parlor::ledger {

// Who speaks; no agent: the visitor.
struct Author {
    std::optional<AgentId> agent;
    std::string name;  // to be shown
};

// What a rule goes by.
struct Scene {
    const Conversation& now;
    const Desk& desk;
    const Loads& loads;  // of those agents that the draft or command could give it to
    std::int64_t nowMs = 0;
    std::chrono::milliseconds reopenWithin{0};  // how long after its end a message reopens it
};

// To be recorded in this order, the last in the draft's own name: stream, author and body are set.
// Or where the record already says so.
using Verdict = std::variant<std::vector<v1::Event>, Place>;

// Errors: forbidden, conflict (with the name of who has it), closed, notFound, malformed.
Expected<Verdict> judge(const Scene& scene, const Author& author, const v1::Draft& draft);
// Nothing where it has been overtaken.
std::vector<v1::Event> judge(const Scene& scene, const Command& command);

// Takes a recorded event (seq, stream, time, author and body set) into the conversation's row, but
// for its heads.
void apply(Conversation& row, const v1::Event& event);

// The agent who takes part from this event on, where it perhaps did not `before` it.
std::optional<AgentId> newParticipant(const Conversation& before, const v1::Event& event);

// The agent a draft could give the conversation to, where somebody counts what it has.
std::optional<AgentId> receiverOf(const std::optional<AgentId>& author, const v1::Draft& draft);

}  // namespace parlor::ledger
