#pragma once

// Rows as columns: what Poco::Data binds and extracts, to and from the ledger's values.

#include <Poco/Data/LOB.h>
#include <Poco/Exception.h>
#include <Poco/Types.h>

#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "ledger/store/records.h"

namespace parlor::ledger {

using Blobs = std::vector<Poco::Data::BLOB>;
using Numbers = std::vector<Poco::Int64>;
using Texts = std::vector<std::string>;

std::string toBytes(const Poco::Data::BLOB& blob);
Poco::Data::BLOB toBlob(std::string_view bytes);
// Throws Poco::DataFormatException where it is not one.
template <class Id>
Id toId(const std::string& text) {
    const auto id = Id::parse(text);
    if (!id) throw Poco::DataFormatException("in the database: " + id.error().text);
    return *id;
}

// Columns are filled again and again, and keep their memory: a batch has hundreds of rows, each of
// dozens of small pieces.

// The conversations table.
struct ConversationColumns {
    Texts id, site, department;
    Numbers state;
    Texts agent;
    Numbers fence, priority, assignedSeq;
    Texts visitorName;
    Numbers openedAt, waitingSince, assignedAt, closedAt;
    Texts offeredTo;
    Numbers offeredUntil;
    Texts declined;
    Numbers nextRound;
    Texts joined, visitorEmail;

    void fill(std::span<const Conversation* const> rows);
    auto all() {
        return std::tie(id, site, department, state, agent, fence, priority, assignedSeq,
                        visitorName, openedAt, waitingSince, assignedAt, closedAt, offeredTo,
                        offeredUntil, declined, nextRound, joined, visitorEmail);
    }
};

// The heads table.
struct HeadColumns {
    Texts id;
    Numbers openedAt, sharedSeq, staffSeq;
    Blobs sharedHash, staffHash;
    Numbers previewSeq, spokenAt;

    void fill(std::span<const Conversation* const> rows);
    auto all() {
        return std::tie(id, openedAt, sharedSeq, staffSeq, sharedHash, staffHash, previewSeq,
                        spokenAt);
    }
};

// How far the shared streams of conversations have come, and what tells that the conversations are
// as they were before: streams only grow.
struct AdvanceColumns {
    Numbers sharedSeq;
    Blobs sharedHash;
    Numbers previewSeq, spokenAt;
    Texts id;
    Numbers eventsBefore, openedAt;

    // `before` holds all of them.
    void fill(std::span<const Conversation* const> rows,
              const std::unordered_map<ConversationId, Conversation>& before);
    auto all() {
        return std::tie(sharedSeq, sharedHash, previewSeq, spokenAt, id, eventsBefore, openedAt);
    }
};

// What a preview is made of.
struct PreviewColumns {
    Blobs event;     // the visitor's newest message; none: there is none, or it is
    Texts outdated;  // from before that was known

    std::string at(std::size_t i) const;
};

// Conversations with their heads, as conversation_rows has them.
struct ConversationRows {
    ConversationColumns own;
    Numbers sharedSeq, staffSeq;
    Blobs sharedHash, staffHash;
    Numbers previewSeq;
    PreviewColumns preview;
    Numbers spokenAt;

    // Throws Poco::DataFormatException where the tables hold what they should not.
    std::vector<Conversation> rows() const;
    auto all() {
        return std::tuple_cat(own.all(),
                              std::tie(sharedSeq, staffSeq, sharedHash, staffHash, previewSeq,
                                       preview.event, preview.outdated, spokenAt));
    }
};

// How conversations stand.
struct StandingColumns {
    Texts id;
    Numbers sharedSeq, staffSeq, state, fence;
    Texts joined;

    // Throws Poco::DataFormatException where the tables hold what they should not.
    std::vector<Standing> rows() const;
    auto all() { return std::tie(id, sharedSeq, staffSeq, state, fence, joined); }
};

// What tells whether a conversation is still as it was: whatever changes it comes with an event,
// but for an erasure of what the visitor said of itself.
struct MarkColumns {
    Texts id;
    Numbers sharedSeq, staffSeq;
    Texts visitorName, visitorEmail;
    Numbers previewSeq, openedAt;

    bool fits(std::size_t i, const Conversation& row) const;
    auto all() {
        return std::tie(id, sharedSeq, staffSeq, visitorName, visitorEmail, previewSeq, openedAt);
    }
};

// The events table.
struct EventColumns {
    Texts conversation;
    Numbers stream, seq;
    Texts request;
    Numbers recordedAt;
    Blobs event, hash;

    void fill(std::span<const NewEvent> rows);
    auto all() { return std::tie(conversation, stream, seq, request, recordedAt, event, hash); }
};

// The refusals table.
struct RefusalColumns {
    Texts conversation, request;
    Numbers code;
    Texts text;
    Numbers at;

    void fill(std::span<const NewRefusal> rows);
    auto all() { return std::tie(conversation, request, code, text, at); }
};

// The participants table.
struct ParticipantColumns {
    Texts site, agent, conversation;

    void fill(std::span<const Participant> rows);
    auto all() { return std::tie(site, agent, conversation); }
};

}  // namespace parlor::ledger
