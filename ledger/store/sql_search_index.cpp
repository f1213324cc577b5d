#include "ledger/store/sql_search_index.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "ledger/store/sql_archive.h"
#include "ledger/store/sql_rows.h"
#include "ledger/store/sql_work.h"

namespace parlor::ledger {
namespace {

std::uint64_t toUnsigned(Poco::Int64 value) { return static_cast<std::uint64_t>(value); }
Poco::Int64 toNumber(std::uint64_t value) { return static_cast<Poco::Int64>(value); }

struct UnreadEvent {
    std::string bytes;
    v1::Stream stream = v1::STREAM_UNSPECIFIED;
    std::uint64_t seq = 0;
    std::int64_t recordedAtMs = 0;
    bool isIndexed = false;
};

// A conversation in the hands of the indexer.
struct Reading {
    std::string site;
    Digest digest;
    std::uint64_t sharedHead = 0;
    std::uint64_t staffHead = 0;
    std::vector<UnreadEvent> events;

    bool isUnfinished() const {
        return digest.indexedSharedSeq < sharedHead || digest.indexedStaffSeq < staffHead;
    }
    bool isCounted(const UnreadEvent& event) const {
        return event.seq <= (event.stream == v1::STREAM_STAFF ? digest.staffSeq : digest.sharedSeq);
    }
    // Where its index is made anew.
    bool hasCounted() const {
        return std::any_of(events.begin(), events.end(),
                           [this](const auto& event) { return isCounted(event); });
    }
};

std::vector<Reading> findConversations(SqlSession& session,
                                       std::span<const ConversationId> conversations) {
    Texts wanted;
    for (const auto& id : conversations) wanted.push_back(id.str());
    std::sort(wanted.begin(), wanted.end());
    Texts ids;
    Texts sites;
    Numbers shared;
    Numbers staff;
    session.runRowsAtLeastOnce("select_heads", std::tie(wanted),
                               std::tie(ids, sites, shared, staff));
    std::vector<Reading> found;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        found.push_back({.site = sites[i],
                         .digest = {.conversation = toId<ConversationId>(ids[i])},
                         .sharedHead = toUnsigned(shared[i]),
                         .staffHead = toUnsigned(staff[i]),
                         .events = {}});
    }
    return found;
}

// The events to be read, by where they are; the digests are told that they are indexed.
class Unread {
 public:
    explicit Unread(std::uint32_t limit) : left_(limit) {}

    void add(const ConversationId& conversation, v1::Stream stream, std::uint64_t& seq,
             std::uint64_t head) {
        for (; seq < head && left_ > 0; --left_) {
            conversations_.push_back(conversation.str());
            streams_.push_back(stream);
            seqs_.push_back(toNumber(++seq));
        }
    }
    // Gives each conversation its own, by the time they were recorded.
    void read(SqlSession& session, std::span<Reading> readings) {
        std::unordered_map<std::string, Reading*> byId;
        for (auto& each : readings) byId.emplace(each.digest.conversation.str(), &each);
        Texts conversations;
        Numbers streams;
        Numbers seqs;
        Numbers recordedAt;
        Blobs events;
        session.runRows("select_unread_events", std::tie(conversations_, streams_, seqs_),
                        std::tie(conversations, streams, seqs, recordedAt, events));
        for (std::size_t i = 0; i < events.size(); ++i) {
            byId.at(conversations[i])
                ->events.push_back({toBytes(events[i]), static_cast<v1::Stream>(streams[i]),
                                    toUnsigned(seqs[i]), recordedAt[i]});
        }
        for (auto& each : readings) {
            std::sort(each.events.begin(), each.events.end(), [](const auto& a, const auto& b) {
                return std::tie(a.recordedAtMs, a.stream, a.seq) <
                       std::tie(b.recordedAtMs, b.stream, b.seq);
            });
        }
    }
    std::uint32_t count() const { return static_cast<std::uint32_t>(seqs_.size()); }

 private:
    std::uint32_t left_;
    Texts conversations_;
    Numbers streams_;
    Numbers seqs_;
};

// The same for the same event whoever indexes it. Two events of one millisecond that fall together
// conflict; another attempt gives others.
DocumentId documentOf(const ConversationId& conversation, const UnreadEvent& event,
                      std::uint64_t attempt) {
    const auto hash =
        std::hash<std::string>()(conversation.str() + "/" + std::to_string(event.stream) + "/" +
                                 std::to_string(event.seq) + "/" + std::to_string(attempt));
    constexpr std::uint64_t kMask = (std::uint64_t{1} << kDocumentHashBits) - 1;
    return firstDocumentAt(event.recordedAtMs) | (hash & kMask);
}

struct Posting {
    std::string site;
    std::string term;
    Poco::Int64 document = 0;
};

// Documents and postings of one transaction.
class Documents {
 public:
    explicit Documents(std::uint64_t attempt) : attempt_(attempt) {}

    void add(const Reading& reading, std::vector<std::vector<std::string>>& terms) {
        for (std::size_t i = 0; i < reading.events.size() && i < terms.size(); ++i) {
            const auto& event = reading.events[i];
            if (terms[i].empty() || event.isIndexed) continue;
            const auto document =
                toNumber(documentOf(reading.digest.conversation, event, attempt_));
            documents_.push_back(document);
            conversations_.push_back(reading.digest.conversation.str());
            streams_.push_back(event.stream);
            seqs_.push_back(toNumber(event.seq));
            for (auto& term : terms[i]) {
                postings_.push_back({reading.site, std::move(term), document});
            }
        }
    }
    void write(SqlSession& session) {
        session.runRows("insert_documents", std::tie(documents_, conversations_, streams_, seqs_),
                        std::tuple<>());
        // As they lie in the table: a frequent term's are neighbours.
        std::sort(postings_.begin(), postings_.end(), [](const auto& a, const auto& b) {
            return std::tie(a.site, a.term, a.document) < std::tie(b.site, b.term, b.document);
        });
        Texts sites;
        Texts terms;
        Numbers documents;
        for (auto& posting : postings_) {
            sites.push_back(std::move(posting.site));
            terms.push_back(std::move(posting.term));
            documents.push_back(posting.document);
        }
        session.runRows("insert_terms", std::tie(sites, terms, documents), std::tuple<>());
    }

 private:
    const std::uint64_t attempt_;
    Numbers documents_;
    Texts conversations_;
    Numbers streams_;
    Numbers seqs_;
    std::vector<Posting> postings_;
};

void saveDigests(SqlSession& session, std::span<const Reading> readings) {
    Texts sites;
    DigestColumns columns;
    for (const auto& each : readings) {
        sites.push_back(each.site);
        columns.add(each.digest);
    }
    std::apply(
        [&](auto&... column) {
            session.runRows("save_digests", std::tie(sites, column...), std::tuple<>());
        },
        columns.all());
}

void readDigests(SqlSession& session, std::span<Reading> readings) {
    Texts sites;
    Texts conversations;
    for (const auto& each : readings) {
        sites.push_back(each.site);
        conversations.push_back(each.digest.conversation.str());
    }
    const auto digests = lockDigests(session, std::move(sites), std::move(conversations));
    for (auto& each : readings) each.digest = digests.at(each.digest.conversation);
}

// Where emptying the index broke off, events are unread that have their document.
void findIndexed(SqlSession& session, std::span<Reading> readings) {
    Texts wanted;
    for (const auto& each : readings) {
        if (each.hasCounted()) wanted.push_back(each.digest.conversation.str());
    }
    Texts conversations;
    Numbers streams;
    Numbers seqs;
    session.runRows("select_indexed", std::tie(wanted), std::tie(conversations, streams, seqs));
    std::set<std::tuple<std::string, Poco::Int64, Poco::Int64>> indexed;
    for (std::size_t i = 0; i < seqs.size(); ++i) {
        indexed.emplace(std::move(conversations[i]), streams[i], seqs[i]);
    }
    if (indexed.empty()) return;
    for (auto& each : readings) {
        for (auto& event : each.events) {
            event.isIndexed = indexed.contains(
                {each.digest.conversation.str(), event.stream, toNumber(event.seq)});
        }
    }
}

// What is made of the events that were read.
void apply(const Follow& follow, Reading& reading, Documents& documents) {
    if (reading.events.empty()) return;
    std::vector<NextEvent> events;
    for (auto& event : reading.events) {
        events.push_back({std::move(event.bytes), reading.isCounted(event)});
    }
    Advance made = follow(reading.digest, events);
    documents.add(reading, made.terms);
    auto& digest = reading.digest;
    made.digest.conversation = digest.conversation;
    made.digest.sharedSeq = std::max(digest.sharedSeq, digest.indexedSharedSeq);
    made.digest.staffSeq = std::max(digest.staffSeq, digest.indexedStaffSeq);
    made.digest.indexedSharedSeq = digest.indexedSharedSeq;
    made.digest.indexedStaffSeq = digest.indexedStaffSeq;
    digest = std::move(made.digest);
}

}  // namespace

std::unordered_map<ConversationId, Digest> lockDigests(SqlSession& session, Texts sites,
                                                       Texts conversations) {
    DigestColumns found;
    session.runRowsAtLeastOnce("lock_digests", std::tie(sites, conversations), found.all());
    std::unordered_map<ConversationId, Digest> digests;
    for (auto& digest : found.rows()) digests.emplace(digest.conversation, std::move(digest));
    Texts newSites;
    Texts newOnes;
    for (std::size_t i = 0; i < conversations.size(); ++i) {
        const auto id = toId<ConversationId>(conversations[i]);
        if (!digests.emplace(id, Digest{.conversation = id}).second) continue;
        newSites.push_back(sites[i]);
        newOnes.push_back(conversations[i]);
    }
    session.runRows("insert_digests", std::tie(newSites, newOnes), std::tuple<>());
    return digests;
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
            if (behind[i] <= 0) continue;
            page.ids.push_back(*page.last);
            page.unread.push_back(toUnsigned(behind[i]));
        }
        return page;
    });
}

Expected<Advanced> SqlSearchIndex::advance(std::span<const ConversationId> conversations,
                                           std::uint32_t limit, const Follow& follow) {
    // Another attempt takes other numbers, in case one of them belongs to another conversation.
    std::uint64_t attempt = 0;
    return transact(writing_, [&](SqlSession& session) -> Expected<Advanced> {
        auto readings = findConversations(session, conversations);
        readDigests(session, readings);
        Unread unread(limit);
        for (auto& each : readings) {
            auto& digest = each.digest;
            unread.add(digest.conversation, v1::STREAM_SHARED, digest.indexedSharedSeq,
                       each.sharedHead);
            unread.add(digest.conversation, v1::STREAM_STAFF, digest.indexedStaffSeq,
                       each.staffHead);
        }
        unread.read(session, readings);
        findIndexed(session, readings);
        Documents documents(attempt++);
        Advanced advanced{.events = unread.count(), .unfinished = {}};
        for (auto& each : readings) {
            apply(follow, each, documents);
            if (each.isUnfinished()) advanced.unfinished.push_back(each.digest.conversation);
        }
        documents.write(session);
        saveDigests(session, readings);
        return advanced;
    });
}

// Digests are told before, in case it breaks off in between (MySQL commits each TRUNCATE by
// itself), and once more of what was indexed until the tables were emptied.
Expected<void> SqlSearchIndex::empty() {
    SqlConnection connection(database_, SessionUse::migrate);
    return transact(connection, [](SqlSession& session) -> Expected<void> {
        session.runScript("reset_indexed");
        session.runScript("empty_index");
        session.runScript("reset_indexed");
        return {};
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
