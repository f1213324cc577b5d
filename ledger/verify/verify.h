#pragma once

// Is the record what was recorded? Each event carries the hash of the one before it, so that
// nothing in a conversation can be changed, removed or put in between without breaking the chain
// from there on.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/store/store.h"

namespace parlor::ledger {

// Where a chain is broken, and how.
struct BrokenLink {
    ConversationId conversation;
    v1::Stream stream = v1::STREAM_UNSPECIFIED;
    std::uint64_t seq = 0;
    std::string what;  // for people; never message text

    std::string str() const;
};

// Checks one stream of one conversation, event by event from the first on.
class ChainChecker {
 public:
    ChainChecker(const ConversationId& conversation, v1::Stream stream)
        : conversation_(conversation), stream_(stream) {}

    // The next event's bytes. Nothing where it fits; after a broken link no more is to be asked.
    std::optional<BrokenLink> add(std::string_view bytes);
    // There is no more: does it end where the conversation's row says?
    std::optional<BrokenLink> end(const Head& head) const;
    // The chain's head so far.
    const Head& head() const { return head_; }
    // Events without their content: erased at somebody's wish. Their hash is still chained.
    std::uint64_t erased() const { return erased_; }

 private:
    BrokenLink broken(std::uint64_t seq, std::string what) const;

    const ConversationId conversation_;
    const v1::Stream stream_;
    Head head_;
    std::uint64_t erased_ = 0;
};

struct Verification {
    std::uint64_t conversations = 0;
    std::uint64_t events = 0;
    std::uint64_t erased = 0;          // of those: their content was removed
    std::optional<BrokenLink> broken;  // the first one found

    std::string str() const;  // for people
};

// Checks a conversation that was exported with FORMAT_RECORD: that it is what was recorded up to
// the heads that it names itself. malformed where the text is no such export.
Expected<Verification> verifyExport(const std::string& json);

// Reads the whole record. A ledger may record meanwhile: what comes after a conversation was read
// is not looked at. Fails as the reader does.
Expected<Verification> verify(Reader& reader);

}  // namespace parlor::ledger
