#include "ledger/verify/verify.h"

#include <algorithm>

#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::uint32_t kPage = 500;

// Content and salt go together; what content_hash was of can then not even be guessed. Of the end
// of a conversation the reason goes, and that it ended stays.
bool isErased(const v1::Event& event) {
    constexpr std::size_t kHashBytes = 32;
    const bool empty = event.body_case() == v1::Event::BODY_NOT_SET ||
                       (event.has_closed() && event.closed().reason().empty());
    return empty && event.salt().empty() && event.content_hash().size() == kHashBytes;
}

const Head& headOf(const Conversation& row, v1::Stream stream) {
    return stream == v1::STREAM_STAFF ? row.staff : row.shared;
}

// Reads one stream up to where it ended when `row` was read.
Expected<void> verifyStream(Reader& reader, const Conversation& row, v1::Stream stream,
                            Verification& result) {
    const Head& head = headOf(row, stream);
    ChainChecker checker(row.id, stream);
    while (checker.head().seq < head.seq) {
        const auto left = head.seq - checker.head().seq;
        const auto page =
            reader.history({row.site, row.id, stream, checker.head().seq,
                            static_cast<std::uint32_t>(std::min<std::uint64_t>(kPage, left))});
        if (!page) return page.error();
        if (page->events.empty()) break;
        for (const auto& bytes : page->events) {
            result.broken = checker.add(bytes);
            if (result.broken) return {};
            ++result.events;
        }
    }
    result.erased += checker.erased();
    result.broken = checker.end(head);
    return {};
}

}  // namespace

std::string BrokenLink::str() const {
    return "conversation=" + conversation.str() +
           " stream=" + (stream == v1::STREAM_STAFF ? "staff" : "shared") +
           " seq=" + std::to_string(seq) + " " + what;
}

BrokenLink ChainChecker::broken(std::uint64_t seq, std::string what) const {
    return {conversation_, stream_, seq, std::move(what)};
}

std::optional<BrokenLink> ChainChecker::add(std::string_view bytes) {
    const std::uint64_t seq = head_.seq + 1;
    const auto event = decode<v1::Event>(bytes);
    if (!event) return broken(seq, "is not an event");
    if (event->conversation() != conversation_.str() || event->stream() != stream_) {
        return broken(seq, "belongs elsewhere");
    }
    if (event->seq() != seq) {
        return broken(seq, "is missing: seq " + std::to_string(event->seq()) + " comes instead");
    }
    if (event->previous_hash() != head_.hash) {
        return broken(seq, "does not follow the event before it");
    }
    if (isErased(*event)) {
        ++erased_;
    } else if (event->content_hash() != contentHash(*event)) {
        return broken(seq, "has another content than was recorded");
    }
    head_ = {seq, canonicalHash(*event)};
    return std::nullopt;
}

std::optional<BrokenLink> ChainChecker::end(const Head& head) const {
    if (head_.seq < head.seq) return broken(head_.seq + 1, "is missing");
    if (head_.hash != head.hash) {
        return broken(head.seq, "is not the event whose hash the conversation has");
    }
    return std::nullopt;
}

Expected<Verification> verify(Reader& reader) {
    Verification result;
    ConversationId after;
    for (;;) {
        const auto rows = reader.all(after, kPage);
        if (!rows) return rows.error();
        if (rows->empty()) return result;
        for (const auto& row : *rows) {
            ++result.conversations;
            for (const auto stream : {v1::STREAM_SHARED, v1::STREAM_STAFF}) {
                if (const auto done = verifyStream(reader, row, stream, result); !done) {
                    return done.error();
                }
                if (result.broken) return result;
            }
        }
        after = rows->back().id;
    }
}

}  // namespace parlor::ledger
