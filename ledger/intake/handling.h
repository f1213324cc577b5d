#pragma once

// The drafts by which a conversation changes hands. As judge() in rules.h, which calls them.

#include "ledger/intake/rules.h"

namespace parlor::ledger {

// By agents.
Expected<Verdict> judgeAccept(const Scene& scene, const Author& author);
Expected<Verdict> judgeDecline(const Scene& scene, const Author& author);
Expected<Verdict> judgeTransfer(const Scene& scene, const Author& author,
                                const v1::Transfer& transfer);
Expected<Verdict> judgeTakeOver(const Scene& scene, const Author& author);
Expected<Verdict> judgePrioritize(const Scene& scene, const Author& author,
                                  const v1::Prioritize& prioritize);
Expected<Verdict> judgeJoin(const Scene& scene, const Author& author);
Expected<Verdict> judgeLeave(const Scene& scene, const Author& author);

// The pieces.
v1::Event eventBy(const Author& author, v1::Stream stream);
v1::Event eventBySystem(v1::Stream stream);
v1::Event queuedEvent(v1::Event event, const Conversation& now, const DepartmentId& department,
                      const std::string& reason);
// Conflict where the agent has as many conversations as `most`, and this is none of them.
Expected<void> checkRoom(const Scene& scene, const AgentId& agent,
                         std::optional<std::uint32_t> most);

}  // namespace parlor::ledger
