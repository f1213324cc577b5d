#pragma once

// Rows as columns: what Poco::Data binds and extracts, to and from the ledger's values.

#include <Poco/Data/LOB.h>
#include <Poco/Exception.h>
#include <Poco/Types.h>

#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "ledger/store/records.h"

namespace parlor::ledger {

using Blobs = std::vector<Poco::Data::BLOB>;
using Numbers = std::vector<Poco::Int64>;
using Texts = std::vector<std::string>;

Poco::Data::BLOB toBlob(std::string_view bytes);
std::string toBytes(const Poco::Data::BLOB& blob);
// Throws Poco::DataFormatException where it is not one.
template <class Id>
Id toId(const std::string& text) {
    const auto id = Id::parse(text);
    if (!id) throw Poco::DataFormatException("in the database: " + id.error().text);
    return *id;
}

// The conversations table.
struct ConversationColumns {
    Texts id, site, department;
    Numbers state;
    Texts agent;
    Numbers fence, priority, sharedSeq, staffSeq;
    Blobs sharedHash, staffHash;
    Numbers assignedSeq;
    Texts visitorName, preview;
    Numbers openedAt, waitingSince, assignedAt, closedAt;

    ConversationColumns() = default;
    explicit ConversationColumns(std::span<const Conversation> rows);
    // Throws Poco::DataFormatException where the table holds what it should not.
    std::vector<Conversation> rows() const;
    auto all() {
        return std::tie(id, site, department, state, agent, fence, priority, sharedSeq, staffSeq,
                        sharedHash, staffHash, assignedSeq, visitorName, preview, openedAt,
                        waitingSince, assignedAt, closedAt);
    }
};

// The events table.
struct EventColumns {
    Texts conversation;
    Numbers stream, seq;
    Texts request;
    Numbers recordedAt;
    Blobs event, hash;

    explicit EventColumns(std::span<const NewEvent> rows);
    auto all() { return std::tie(conversation, stream, seq, request, recordedAt, event, hash); }
};

}  // namespace parlor::ledger
