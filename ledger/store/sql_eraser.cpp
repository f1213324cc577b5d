#include "ledger/store/sql_eraser.h"

#include <limits>
#include <map>
#include <utility>

#include "ledger/store/sql_conversations.h"
#include "ledger/store/sql_directory.h"
#include "ledger/store/sql_search_index.h"
#include "ledger/store/sql_work.h"

namespace parlor::ledger {
namespace {

constexpr auto kAll = std::numeric_limits<Poco::Int64>::max();

struct StoredEvent {
    Poco::Int64 stream = 0;
    Poco::Int64 seq = 0;
    std::string bytes;
};

std::optional<Conversation> lock(SqlSession& session, const SiteId& site,
                                 const ConversationId& id) {
    auto row = lockConversation(session, site, id.str());
    // The indexer must not put back what goes: it waits for this row.
    if (row) lockDigests(session, {site.str()}, {id.str()});
    return row;
}

std::vector<StoredEvent> readEvents(SqlSession& session, const ConversationId& id) {
    Numbers stream;
    Numbers seq;
    Blobs event;
    session.runOnce("select_all_events", std::tuple(id.str()), std::tie(stream, seq, event));
    std::vector<StoredEvent> events;
    for (std::size_t i = 0; i < event.size(); ++i) {
        events.push_back({stream[i], seq[i], toBytes(event[i])});
    }
    return events;
}

// Documents by their event.
std::map<std::pair<Poco::Int64, Poco::Int64>, Poco::Int64> readDocuments(SqlSession& session,
                                                                         const ConversationId& id) {
    Numbers document;
    Numbers stream;
    Numbers seq;
    session.runOnce("select_documents_of", std::tuple(id.str()), std::tie(document, stream, seq));
    std::map<std::pair<Poco::Int64, Poco::Int64>, Poco::Int64> documents;
    for (std::size_t i = 0; i < document.size(); ++i) {
        documents.emplace(std::pair(stream[i], seq[i]), document[i]);
    }
    return documents;
}

struct PostingColumns {
    Texts sites;
    Texts words;
    Numbers documents;

    std::tuple<Texts&, Texts&, Numbers&> all() { return std::tie(sites, words, documents); }
};

// The postings that went.
PostingColumns removeFromIndex(SqlSession& session, const SiteId& site, const ConversationId& id,
                               const std::vector<StoredEvent>& events, const Terms& terms) {
    const auto documents = readDocuments(session, id);
    PostingColumns postings;
    for (const auto& event : events) {
        const auto document = documents.find({event.stream, event.seq});
        if (document == documents.end()) continue;
        for (auto& term : terms(event.bytes)) {
            postings.sites.push_back(site.str());
            postings.words.push_back(std::move(term));
            postings.documents.push_back(document->second);
        }
    }
    session.runRows("delete_terms", postings.all(), std::tuple<>());
    session.runOnce("delete_documents_of", std::tuple(id.str()), std::tuple<>());
    return postings;
}

std::uint64_t countPostings(SqlSession& session, const SiteId& site,
                            const std::vector<ErasedPosting>& postings) {
    PostingColumns wanted;
    for (const auto& [term, document] : postings) {
        wanted.sites.push_back(site.str());
        wanted.words.push_back(term);
        wanted.documents.push_back(static_cast<Poco::Int64>(document));
    }
    Numbers found;
    session.runRows("select_terms", wanted.all(), std::tie(found));
    return found.size();
}

std::uint64_t removeTranscripts(SqlSession& session, const ConversationId& id) {
    // Locked first: one that is being finished right now has its parts before they are removed.
    Texts jobs;
    session.runOnce("lock_jobs_of", std::tuple(id.str()), std::tie(jobs));
    session.runOnce("delete_job_parts_of", std::tuple(id.str()), std::tuple<>());
    session.runOnce("delete_jobs_of", std::tuple(id.str()), std::tuple<>());
    return jobs.size();
}

// Of a conversation without a shared event past `seq`.
std::uint64_t countParticipants(SqlSession& session, const ConversationId& id, Poco::Int64 seq) {
    Numbers count;
    session.runOnce("count_participants_of", std::tuple(id.str(), seq), std::tie(count));
    return static_cast<std::uint64_t>(count.at(0));
}

std::uint64_t stripEvents(SqlSession& session, const ConversationId& id,
                          const std::vector<StoredEvent>& events, const Strip& strip) {
    std::uint64_t stripped = 0;
    for (const auto& event : events) {
        const auto rest = strip(event.bytes);
        if (!rest) continue;
        session.runOnce("update_event",
                        std::tuple(toBlob(*rest), id.str(), event.stream, event.seq),
                        std::tuple<>());
        ++stripped;
    }
    return stripped;
}

}  // namespace

Expected<Erased> SqlEraser::erase(const SiteId& site, const ConversationId& conversation,
                                  const Strip& strip, const Terms& terms, const Deed& deed) {
    return transact(connection_, [&](SqlSession& session) -> Expected<Erased> {
        const auto row = lock(session, site, conversation);
        if (!row) return Error{Errc::notFound, "no such conversation"};
        if (row->state != ConversationState::closed) return Erased{.open = true};
        const auto events = readEvents(session, conversation);
        Erased erased{.sharedSeq = row->shared.seq, .staffSeq = row->staff.seq};
        auto went = removeFromIndex(session, site, conversation, events, terms);
        for (std::size_t i = 0; i < went.words.size(); ++i) {
            erased.postings.emplace_back(std::move(went.words[i]),
                                         static_cast<DocumentId>(went.documents[i]));
        }
        erased.events = stripEvents(session, conversation, events, strip);
        erased.transcripts = removeTranscripts(session, conversation);
        erased.participants = countParticipants(session, conversation, kAll);
        for (const auto* statement :
             {"forget_visitor", "forget_preview", "delete_refusals_of", "delete_participants_of"}) {
            session.runOnce(statement, std::tuple(conversation.str()), std::tuple<>());
        }
        writeDeed(session, deed);
        return erased;
    });
}

Expected<std::uint64_t> SqlEraser::left(const SiteId& site, const ConversationId& conversation,
                                        const Strip& strip, const Erased* erased) {
    const auto upTo = [&](Poco::Int64 stream) {
        if (erased == nullptr) return kAll;
        return static_cast<Poco::Int64>(stream == v1::STREAM_STAFF ? erased->staffSeq
                                                                   : erased->sharedSeq);
    };
    return readFrom(connection_, [&](SqlSession& session) {
        std::uint64_t left = 0;
        for (const auto& event : readEvents(session, conversation)) {
            if (event.seq <= upTo(event.stream) && strip(event.bytes)) ++left;
        }
        for (const auto& [event, document] : readDocuments(session, conversation)) {
            if (event.second <= upTo(event.first)) ++left;
        }
        if (erased != nullptr) left += countPostings(session, site, erased->postings);
        Numbers jobs;
        session.runOnce("count_jobs_of", std::tuple(conversation.str()), std::tie(jobs));
        Numbers visitors;
        session.runOnce("count_visitor_of", std::tuple(conversation.str(), upTo(v1::STREAM_SHARED)),
                        std::tie(visitors));
        left += countParticipants(session, conversation, upTo(v1::STREAM_SHARED));
        for (const auto count : {jobs.at(0), visitors.at(0)}) {
            left += static_cast<std::uint64_t>(count);
        }
        return left;
    });
}

Expected<std::vector<ClosedConversation>> SqlEraser::closedBefore(std::int64_t ms,
                                                                  std::uint32_t limit) {
    return readFrom(connection_, [&](SqlSession& session) {
        Texts site;
        Texts id;
        session.runOnce("select_closed_before",
                        std::tuple(static_cast<Poco::Int64>(ms), static_cast<Poco::Int64>(limit)),
                        std::tie(site, id));
        std::vector<ClosedConversation> found;
        for (std::size_t i = 0; i < id.size(); ++i) {
            found.push_back({toId<SiteId>(site[i]), toId<ConversationId>(id[i])});
        }
        return found;
    });
}

Expected<void> SqlEraser::remove(const ClosedConversation& conversation, const Terms& terms) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        const auto row = lock(session, conversation.site, conversation.id);
        if (!row || row->state != ConversationState::closed) return {};
        const auto events = readEvents(session, conversation.id);
        removeFromIndex(session, conversation.site, conversation.id, events, terms);
        removeTranscripts(session, conversation.id);
        for (const auto* statement :
             {"delete_events_of", "delete_refusals_of", "delete_participants_of", "delete_head",
              "delete_conversation"}) {
            session.runOnce(statement, std::tuple(conversation.id.str()), std::tuple<>());
        }
        session.runOnce("delete_digest", std::tuple(conversation.site.str(), conversation.id.str()),
                        std::tuple<>());
        return {};
    });
}

Expected<void> SqlEraser::forgetRefusals(std::int64_t beforeMs) {
    return transact(connection_, [&](SqlSession& session) -> Expected<void> {
        session.runOnce("forget_refusals", std::tuple(static_cast<Poco::Int64>(beforeMs)),
                        std::tuple<>());
        return {};
    });
}

}  // namespace parlor::ledger
