#include "ledger/verify/verify.h"

#include <google/protobuf/util/json_util.h>

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

void verifyChain(const ConversationId& conversation, v1::Stream stream,
                 const v1::RecordedConversation::Chain& chain, Verification& result) {
    ChainChecker checker(conversation, stream);
    for (const auto& event : chain.events()) {
        result.broken = checker.add(encode(event));
        if (result.broken) return;
        ++result.events;
    }
    result.erased += checker.erased();
    result.broken = checker.end({chain.head_seq(), chain.head_hash()});
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

std::string Verification::str() const {
    return std::to_string(conversations) + " conversations, " + std::to_string(events) +
           " events, " + std::to_string(erased) +
           " of them erased: " + (broken ? "broken at " + broken->str() : std::string("whole"));
}

Expected<Verification> verifyExport(const std::string& json) {
    v1::RecordedConversation record;
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, &record);
    if (!parsed.ok()) return Error{Errc::malformed, "not an exported record: " + parsed.ToString()};
    const auto conversation = ConversationId::parse(record.conversation());
    if (!conversation) return conversation.error();
    // Every conversation has been opened.
    if (record.shared().head_seq() == 0) {
        return Error{Errc::malformed, "not an exported record: it has no events"};
    }
    Verification result;
    result.conversations = 1;
    verifyChain(*conversation, v1::STREAM_SHARED, record.shared(), result);
    if (!result.broken && record.has_staff()) {
        verifyChain(*conversation, v1::STREAM_STAFF, record.staff(), result);
    }
    return result;
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
