#pragma once

// The port that removes what visitors said and who they were. Failures of every call: those of
// store.h.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/store/directory.h"
#include "ledger/store/search_index.h"
#include "proto/errors.h"
#include "proto/ids.h"

namespace parlor::ledger {

// The event's bytes without what is to go; nothing where it has none of that.
using Strip = std::function<std::optional<std::string>(const std::string& event)>;
// The terms by which the event is found.
using Terms = std::function<std::vector<std::string>(const std::string& event)>;

// A term, and the document that is found by it.
using ErasedPosting = std::pair<std::string, DocumentId>;

struct Erased {
    bool open = false;  // the conversation is not closed: nothing was touched
    std::uint64_t events = 0;
    std::uint64_t transcripts = 0;
    std::uint64_t participants = 0;  // agents in whose lists it was
    // What comes after these was said later.
    std::uint64_t sharedSeq = 0;
    std::uint64_t staffSeq = 0;
    std::vector<ErasedPosting> postings = {};  // those that went
};

struct ClosedConversation {
    SiteId site;
    ConversationId id;
};

// Belongs to one thread at a time.
class Eraser {
 public:
    virtual ~Eraser() = default;

    // Removes the content of a closed conversation, and what was made of it, as one transaction.
    // The events stay, and their chain. notFound where the site has no such conversation.
    virtual Expected<Erased> erase(const SiteId& site, const ConversationId& conversation,
                                   const Strip& strip, const Terms& terms, const Deed& deed) = 0;
    // How much of what erase() was to remove is there: of everything, or of what `erased` was
    // about. Why drafts were refused, which says nothing of the visitor, is not counted.
    virtual Expected<std::uint64_t> left(const SiteId& site, const ConversationId& conversation,
                                         const Strip& strip, const Erased* erased) = 0;

    // Conversations closed before, the oldest first.
    virtual Expected<std::vector<ClosedConversation>> closedBefore(std::int64_t ms,
                                                                   std::uint32_t limit) = 0;
    // Removes a closed conversation as if it had never been, as one transaction.
    virtual Expected<void> remove(const ClosedConversation& conversation, const Terms& terms) = 0;
    // Removes what was kept before of drafts that were refused.
    virtual Expected<void> forgetRefusals(std::int64_t beforeMs) = 0;
};

}  // namespace parlor::ledger
