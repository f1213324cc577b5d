#pragma once

// The port to what follows the record: the search index and the reports' digests. Failures of every
// call: those of store.h.
//
// A document is one event with text. Its number says when it was recorded, so that lists of
// documents are ordered by time: the milliseconds, then bits of a hash. A posting is a term of a
// document.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/store/archive.h"
#include "ledger/store/records.h"

namespace parlor::ledger {

using DocumentId = std::uint64_t;
inline constexpr unsigned kDocumentHashBits = 20;

// The least number of a document recorded at that time.
constexpr DocumentId firstDocumentAt(std::int64_t ms) {
    return static_cast<DocumentId>(ms) << kDocumentHashBits;
}

struct FoundEvent {
    DocumentId document = 0;
    std::string bytes;  // a serialized v1::Event
};

// What the indexer makes of a conversation's next events.
struct Advance {
    // Terms of each event, in the events' order; none: it is no document.
    std::vector<std::vector<std::string>> terms;
    Digest digest;  // how far it has read is not its business
};
struct NextEvent {
    std::string bytes;       // a serialized v1::Event
    bool isCounted = false;  // the digest has it already: the index is made anew
};
// Given the digest so far and the next events (by the time they were recorded). Must not throw.
using Follow = std::function<Advance(const Digest&, std::span<const NextEvent> events)>;

// What one transaction of the indexer came to.
struct Advanced {
    std::uint32_t events = 0;                // that were read
    std::vector<ConversationId> unfinished;  // they have events that were not
};

// What a look at a page of the conversations found.
struct BehindPage {
    std::vector<ConversationId> ids;     // with events that have not been read
    std::vector<std::uint64_t> unread;   // how many, of each
    std::optional<ConversationId> last;  // looked at; none: there are no more
};

// Belongs to one thread at a time.
class SearchIndex {
 public:
    virtual ~SearchIndex() = default;

    // Looks at the next conversations with an id greater than `after`, by id, `limit` at most.
    virtual Expected<BehindPage> behind(ConversationId after, std::uint32_t limit) = 0;
    // Reads the next events of these conversations, at most `limit` in all, and writes what
    // `follow` makes of each one's, as one transaction. Conversations that there are not are left
    // out.
    virtual Expected<Advanced> advance(std::span<const ConversationId> conversations,
                                       std::uint32_t limit, const Follow& follow) = 0;
    // Empties the index: all events are unread, but stay in the digests. What others read meanwhile
    // is in the index or unread; where it breaks off, one more time ends it.
    virtual Expected<void> empty() = 0;

    // Documents of the site with the term, numbered less than `before`, newest first.
    virtual Expected<std::vector<DocumentId>> postings(const SiteId& site, const std::string& term,
                                                       DocumentId before, std::uint32_t limit) = 0;
    // The events of these documents, in no order; those that are gone are left out.
    virtual Expected<std::vector<FoundEvent>> events(std::span<const DocumentId> documents) = 0;
};

}  // namespace parlor::ledger
