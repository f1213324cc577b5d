#pragma once

// What a draft does to a conversation. Pure: no clock, no database, no bus.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

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

// To be recorded: stream, author and body are set; or where the record already says so.
using Verdict = std::variant<v1::Event, Place>;

// Errors: forbidden, conflict (with the holder's name), closed, malformed. `holderName` is the
// shown name of now.agent.
Expected<Verdict> judge(const Conversation& now, const Author& author, const v1::Draft& draft,
                        const std::string& holderName);

// Takes a recorded event (seq, stream, time, author and body set) into the conversation's row, but
// for its heads.
void apply(Conversation& row, const v1::Event& event);

// The first 120 code points.
std::string previewOf(const std::string& text);

}  // namespace parlor::ledger
