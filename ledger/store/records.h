#pragma once

// What the ledger keeps, as values. Times are Unix milliseconds, 0 for "not yet".

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "parlor/v1/event.pb.h"
#include "proto/errors.h"
#include "proto/ids.h"

namespace parlor::ledger {

enum class ConversationState : std::uint8_t { waiting = 0, assigned = 1, closed = 2 };

// The newest event of a stream: its number and chain hash. Nothing recorded yet: 0 and "".
struct Head {
    std::uint64_t seq = 0;
    std::string hash;
    bool operator==(const Head&) const = default;
};

// A lease on a waiting conversation: until then only this agent may accept it.
struct Offer {
    AgentId agent;
    std::int64_t untilMs = 0;
    bool operator==(const Offer&) const = default;
};

// A conversation's row.
struct Conversation {
    ConversationId id;
    SiteId site;
    DepartmentId department;
    ConversationState state = ConversationState::waiting;
    std::optional<AgentId> agent;  // who holds it, or held it last
    std::uint64_t fence = 0;       // grows with every change of owner
    std::uint32_t priority = 0;
    Head shared;
    Head staff;
    std::uint64_t assignedSeq = 0;  // the shared event that gave it to `agent`
    std::string visitorName;
    std::string preview;           // the visitor's newest words
    std::uint64_t previewSeq = 0;  // the shared event that has them; 0: none, or it is not known
    std::int64_t openedAtMs = 0;
    std::int64_t waitingSinceMs = 0;
    std::int64_t assignedAtMs = 0;
    std::int64_t closedAtMs = 0;
    std::optional<Offer> offer = {};     // while it waits
    std::vector<AgentId> declined = {};  // turned an offer down since it was queued
    std::int64_t nextRoundMs = 0;        // from then on they may be asked again
    std::vector<AgentId> joined = {};    // take part beside the holder
    std::string visitorEmail = {};       // as the visitor said, in small letters
    std::int64_t spokenAtMs = 0;         // the newest message

    bool operator==(const Conversation&) const = default;
    bool heldBy(const AgentId& who) const {
        return state == ConversationState::assigned && agent == who;
    }
    bool offeredTo(const AgentId& who) const {
        return state == ConversationState::waiting && offer && offer->agent == who;
    }
    bool joinedBy(const AgentId& who) const {
        return std::find(joined.begin(), joined.end(), who) != joined.end();
    }
    // Equal in everything but how far it has come: heads, preview and the newest message's time.
    bool standsAs(const Conversation& other) const {
        return id == other.id && site == other.site && department == other.department &&
               state == other.state && agent == other.agent && fence == other.fence &&
               priority == other.priority && assignedSeq == other.assignedSeq &&
               visitorName == other.visitorName && openedAtMs == other.openedAtMs &&
               waitingSinceMs == other.waitingSinceMs && assignedAtMs == other.assignedAtMs &&
               closedAtMs == other.closedAtMs && offer == other.offer &&
               declined == other.declined && nextRoundMs == other.nextRoundMs &&
               joined == other.joined && visitorEmail == other.visitorEmail;
    }
};

// As much of a conversation as tells whether what was told of it still holds.
struct Standing {
    ConversationId id;
    std::uint64_t sharedSeq = 0;
    std::uint64_t staffSeq = 0;
    ConversationState state = ConversationState::waiting;
    std::uint64_t fence = 0;
    std::vector<AgentId> joined = {};
    bool operator==(const Standing&) const = default;
};

// Where one draft stands in the record.
struct Place {
    v1::Stream stream = v1::STREAM_UNSPECIFIED;
    std::uint64_t seq = 0;
    bool operator==(const Place&) const = default;
};

// What makes a draft the same draft.
struct DraftKey {
    ConversationId conversation;
    RequestId request;
    auto operator<=>(const DraftKey&) const = default;
};

struct NewEvent {
    DraftKey key;
    Place place;
    std::int64_t recordedAtMs = 0;
    std::string bytes;  // a serialized v1::Event, as it will be published
    std::string hash;   // its chain hash
};

// A draft that comes to nothing, for good.
struct NewRefusal {
    DraftKey key;
    Error why;
    std::int64_t atMs = 0;
};

// An agent who takes part in a conversation, or did.
struct Participant {
    SiteId site;
    AgentId agent;
    ConversationId conversation;
    auto operator<=>(const Participant&) const = default;
};

struct KnownEvent {
    Place place;
    std::string bytes;
};

}  // namespace parlor::ledger

template <>
struct std::hash<parlor::ledger::DraftKey> {
    std::size_t operator()(const parlor::ledger::DraftKey& key) const noexcept {
        return std::hash<parlor::RequestId>()(key.request) ^
               (std::hash<parlor::ConversationId>()(key.conversation) << 1);
    }
};
