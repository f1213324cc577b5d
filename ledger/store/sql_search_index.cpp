#include "ledger/store/sql_search_index.h"

#include <algorithm>
#include <functional>

#include "ledger/store/sql_archive.h"
#include "ledger/store/sql_rows.h"
#include "ledger/store/sql_work.h"

namespace parlor::ledger {
namespace {

std::uint64_t toUnsigned(Poco::Int64 value) { return static_cast<std::uint64_t>(value); }
Poco::Int64 toNumber(std::uint64_t value) { return static_cast<Poco::Int64>(value); }

struct NextEvent {
    v1::Stream stream = v1::STREAM_UNSPECIFIED;
    std::uint64_t seq = 0;
    std::int64_t recordedAtMs = 0;
    std::string bytes;
};

std::optional<std::string> readSite(SqlSession& session, const ConversationId& conversation) {
    Texts sites;
    session.runOnce("select_site", std::tuple(conversation.str()), std::tie(sites));
    if (sites.empty()) return std::nullopt;
    return sites.front();
}

void saveDigest(SqlSession& session, const std::string& site, const Digest& digest) {
    session.runOnce(
        "update_digest",
        std::tuple(std::string(digest.department), std::string(digest.agent),
                   static_cast<Poco::Int64>(digest.openedAtMs),
                   static_cast<Poco::Int64>(digest.assignedAtMs),
                   static_cast<Poco::Int64>(digest.respondedAtMs),
                   static_cast<Poco::Int64>(digest.closedAtMs), toNumber(digest.visitorMessages),
                   toNumber(digest.agentMessages), static_cast<Poco::Int64>(digest.score),
                   toNumber(digest.sharedSeq), toNumber(digest.staffSeq), std::string(site),
                   digest.conversation.str()),
        std::tuple<>());
}

void readNext(SqlSession& session, const ConversationId& conversation, v1::Stream stream,
              std::uint64_t after, std::uint32_t limit, std::vector<NextEvent>& events) {
    Numbers streams;
    Numbers seq;
    Numbers recordedAt;
    Blobs event;
    session.runOnce("select_next_events",
                    std::tuple(conversation.str(), static_cast<Poco::Int64>(stream),
                               toNumber(after), static_cast<Poco::Int64>(limit)),
                    std::tie(streams, seq, recordedAt, event));
    for (std::size_t i = 0; i < event.size(); ++i) {
        events.push_back({stream, toUnsigned(seq[i]), recordedAt[i], toBytes(event[i])});
    }
}

// The same for the same event whoever indexes it. Two events of one millisecond that fall together
// are told apart by the next number: `taken` has those of this transaction, which is all that can
// collide within a conversation; between conversations the database says so (see advance).
DocumentId documentOf(const ConversationId& conversation, const NextEvent& event,
                      std::uint64_t attempt) {
    const auto hash =
        std::hash<std::string>()(conversation.str() + "/" + std::to_string(event.stream) + "/" +
                                 std::to_string(event.seq) + "/" + std::to_string(attempt));
    constexpr std::uint64_t kMask = (std::uint64_t{1} << kDocumentHashBits) - 1;
    return firstDocumentAt(event.recordedAtMs) | (hash & kMask);
}

void writeDocuments(SqlSession& session, const std::string& site,
                    const ConversationId& conversation, std::span<const NextEvent> events,
                    const std::vector<std::vector<std::string>>& terms, std::uint64_t attempt) {
    Numbers documents;
    Texts conversations;
    Numbers streams;
    Numbers seqs;
    Texts sites;
    Texts words;
    Numbers postings;
    for (std::size_t i = 0; i < events.size() && i < terms.size(); ++i) {
        if (terms[i].empty()) continue;
        const auto document = toNumber(documentOf(conversation, events[i], attempt));
        documents.push_back(document);
        conversations.push_back(conversation.str());
        streams.push_back(events[i].stream);
        seqs.push_back(toNumber(events[i].seq));
        for (const auto& term : terms[i]) {
            sites.push_back(site);
            words.push_back(term);
            postings.push_back(document);
        }
    }
    session.runRows("insert_documents", std::tie(documents, conversations, streams, seqs),
                    std::tuple<>());
    session.runRows("insert_terms", std::tie(sites, words, postings), std::tuple<>());
}

}  // namespace

Digest lockDigest(SqlSession& session, const std::string& site,
                  const ConversationId& conversation) {
    DigestColumns found;
    session.runOnce("select_digest", std::tuple(std::string(site), conversation.str()),
                    found.all());
    if (!found.conversation.empty()) return found.rows().front();
    const Poco::Int64 none = 0;
    session.runOnce("insert_digest",
                    std::tuple(std::string(site), conversation.str(), std::string(), std::string(),
                               none, none, none, none, none, none, none, none, none),
                    std::tuple<>());
    return {.conversation = conversation, .department = {}, .agent = {}};
}

Expected<BehindPage> SqlSearchIndex::behind(ConversationId after, std::uint32_t limit) {
    return readFrom(reading_, [&](SqlSession& session) {
        Texts ids;
        Numbers behind;
        session.runOnce("select_behind", std::tuple(after.str(), static_cast<Poco::Int64>(limit)),
                        std::tie(ids, behind));
        BehindPage page;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            page.last = toId<ConversationId>(ids[i]);
            if (behind[i] != 0) page.ids.push_back(*page.last);
        }
        return page;
    });
}

Expected<std::uint32_t> SqlSearchIndex::advance(const ConversationId& conversation,
                                                std::uint32_t limit, const Follow& follow) {
    // Another attempt takes other numbers, in case one of them belongs to another conversation.
    std::uint64_t attempt = 0;
    return transact(writing_, [&](SqlSession& session) -> Expected<std::uint32_t> {
        const auto site = readSite(session, conversation);
        if (!site) return 0U;
        const Digest before = lockDigest(session, *site, conversation);
        std::vector<NextEvent> events;
        readNext(session, conversation, v1::STREAM_SHARED, before.sharedSeq, limit, events);
        readNext(session, conversation, v1::STREAM_STAFF, before.staffSeq, limit, events);
        std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
            return std::tie(a.recordedAtMs, a.stream, a.seq) <
                   std::tie(b.recordedAtMs, b.stream, b.seq);
        });
        std::vector<std::string> bytes;
        for (const auto& event : events) bytes.push_back(event.bytes);
        Advance made = follow(before, bytes);
        made.digest.conversation = conversation;
        for (const auto& event : events) {
            auto& seq =
                event.stream == v1::STREAM_STAFF ? made.digest.staffSeq : made.digest.sharedSeq;
            seq = std::max(seq, event.seq);
        }
        writeDocuments(session, *site, conversation, events, made.terms, attempt++);
        saveDigest(session, *site, made.digest);
        return static_cast<std::uint32_t>(events.size());
    });
}

Expected<std::vector<DocumentId>> SqlSearchIndex::postings(const SiteId& site,
                                                           const std::string& term,
                                                           DocumentId before, std::uint32_t limit) {
    return readFrom(reading_, [&](SqlSession& session) {
        Numbers found;
        session.runOnce("select_postings",
                        std::tuple(site.str(), std::string(term), toNumber(before),
                                   static_cast<Poco::Int64>(limit)),
                        std::tie(found));
        std::vector<DocumentId> documents;
        for (const auto id : found) documents.push_back(toUnsigned(id));
        return documents;
    });
}

Expected<std::vector<FoundEvent>> SqlSearchIndex::events(std::span<const DocumentId> documents) {
    return readFrom(reading_, [&](SqlSession& session) {
        Numbers wanted;
        for (const auto id : documents) wanted.push_back(toNumber(id));
        Numbers found;
        Blobs event;
        session.runRows("select_documents", std::tie(wanted), std::tie(found, event));
        std::vector<FoundEvent> events;
        for (std::size_t i = 0; i < found.size(); ++i) {
            events.push_back({toUnsigned(found[i]), toBytes(event[i])});
        }
        return events;
    });
}

}  // namespace parlor::ledger
