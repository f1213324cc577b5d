#pragma once

// The port to lists and figures over many conversations. Failures of every call: those of store.h.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/store/records.h"
#include "proto/errors.h"

namespace parlor::ledger {

// What is not set does not narrow.
struct ListQuery {
    SiteId site;
    std::optional<AgentId> agent = {};  // takes part, or did
    std::optional<DepartmentId> department = {};
    std::optional<ConversationState> state = {};
    std::string visitorEmail = {};  // in small letters
    std::int64_t openedFromMs = 0;
    std::int64_t openedUntilMs = 0;  // exclusive; 0: no end
    ConversationId before = {};      // none: from the newest on
    std::uint32_t limit = 0;
};

// What a list shows of a conversation.
struct ListedConversation {
    ConversationId id;
    std::string department;
    ConversationState state = ConversationState::waiting;
    std::string agent;  // who holds it, or held it last; may be empty
    std::string visitorName;
    std::string visitorEmail;
    std::string preview;
    std::uint64_t headSeq = 0;
    std::int64_t openedAtMs = 0;
    std::int64_t waitingSinceMs = 0;
    std::int64_t assignedAtMs = 0;
    std::int64_t closedAtMs = 0;
};

// What reports are made of: one conversation's figures, as far as the indexer has read it.
struct Digest {
    ConversationId conversation;
    std::string department;
    std::string agent;  // held it last; may be empty
    std::int64_t openedAtMs = 0;
    std::int64_t assignedAtMs = 0;   // the first time
    std::int64_t respondedAtMs = 0;  // an agent's first message
    std::int64_t closedAtMs = 0;
    std::uint64_t visitorMessages = 0;
    std::uint64_t agentMessages = 0;
    std::uint32_t score = 0;      // the newest rating; 0: none
    std::uint64_t sharedSeq = 0;  // how far each stream has been read
    std::uint64_t staffSeq = 0;
    // The same of the search index; behind where that is made anew.
    std::uint64_t indexedSharedSeq = 0;
    std::uint64_t indexedStaffSeq = 0;
    bool operator==(const Digest&) const = default;
};

// Belongs to one thread at a time.
class Archive {
 public:
    virtual ~Archive() = default;

    // By id, which is by the time of opening, newest first.
    virtual Expected<std::vector<ListedConversation>> list(const ListQuery& query) = 0;
    // Of conversations opened from `fromMs` until `untilMs` (exclusive) with an id greater than
    // `after`, by id.
    virtual Expected<std::vector<Digest>> digests(const SiteId& site, std::int64_t fromMs,
                                                  std::int64_t untilMs, ConversationId after,
                                                  std::uint32_t limit) = 0;
};

}  // namespace parlor::ledger
