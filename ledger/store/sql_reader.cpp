#include "ledger/store/sql_reader.h"

#include "ledger/store/sql_conversations.h"
#include "ledger/store/sql_meta.h"

namespace parlor::ledger {
namespace {

Texts toTexts(std::span<const ConversationId> ids) {
    Texts texts;
    texts.reserve(ids.size());
    for (const auto& id : ids) texts.push_back(id.str());
    return texts;
}

struct Heads {
    std::uint64_t shared = 0;
    std::uint64_t staff = 0;
};

// How far the conversation has come, where it is one of that site.
std::optional<Heads> findHeads(SqlSession& session, const SiteId& site, const ConversationId& id) {
    Texts wanted{id.str()};
    Texts ids;
    Texts sites;
    Numbers shared;
    Numbers staff;
    session.runRows("select_heads", std::tie(wanted), std::tie(ids, sites, shared, staff));
    if (sites.empty() || sites[0] != site.str()) return std::nullopt;
    return Heads{static_cast<std::uint64_t>(shared[0]), static_cast<std::uint64_t>(staff[0])};
}

std::optional<Place> findPlace(SqlSession& session, const DraftKey& key) {
    Texts request{key.request.str()};
    Texts conversation{key.conversation.str()};
    Texts foundConversation;
    Texts foundRequest;
    Numbers stream;
    Numbers seq;
    Blobs event;
    session.runRows("select_known", std::tie(request, conversation),
                    std::tie(foundConversation, foundRequest, stream, seq, event));
    if (seq.empty()) return std::nullopt;
    return Place{static_cast<v1::Stream>(stream[0]), static_cast<std::uint64_t>(seq[0])};
}

std::optional<Error> findRefusal(SqlSession& session, const DraftKey& key) {
    Numbers code;
    Texts text;
    session.runOnce("select_refusal", std::tuple(key.conversation.str(), key.request.str()),
                    std::tie(code, text));
    if (code.empty()) return std::nullopt;
    return Error{static_cast<Errc>(code[0]), std::move(text[0])};
}

std::vector<std::string> loadEvents(SqlSession& session, const HistoryQuery& query) {
    Blobs events;
    session.runOnce(
        "select_history",
        std::tuple(query.conversation.str(), static_cast<Poco::Int64>(query.stream),
                   static_cast<Poco::Int64>(query.afterSeq), static_cast<Poco::Int64>(query.limit)),
        std::tie(events));
    std::vector<std::string> bytes;
    bytes.reserve(events.size());
    for (const auto& event : events) bytes.push_back(toBytes(event));
    return bytes;
}

}  // namespace

template <class Work>
auto SqlReader::read(Work&& work) -> Expected<decltype(work(std::declval<SqlSession&>()))> {
    for (int attempt = 1;; ++attempt) {
        auto done = connection_.attempt(work);
        if (done) return std::move(*done);
        const SqlFailure& failure = done.error();
        if (failure.kind == SqlFailure::Kind::refused || attempt == 2) return failure.error;
    }
}

Expected<HistoryPage> SqlReader::history(const HistoryQuery& query) {
    auto page = read([&](SqlSession& session) -> std::optional<HistoryPage> {
        HistoryPage found;
        found.epoch = readEpoch(session);
        // The head is read after the events, so that it is never behind them.
        found.events = loadEvents(session, query);
        const auto heads = findHeads(session, query.site, query.conversation);
        if (!heads) return std::nullopt;
        found.headSeq = query.stream == v1::STREAM_STAFF ? heads->staff : heads->shared;
        return found;
    });
    if (!page) return page.error();
    if (!*page) return Error{Errc::notFound, "no such conversation"};
    return std::move(**page);
}

Expected<Outcome> SqlReader::outcome(const SiteId& site, const DraftKey& key) {
    return read([&](SqlSession& session) {
        Outcome outcome;
        if (!findHeads(session, site, key.conversation)) return outcome;
        // Before the record, where a draft that was refused may be by now: then that counts.
        outcome.refused = findRefusal(session, key);
        outcome.recorded = findPlace(session, key);
        if (outcome.recorded) outcome.refused.reset();
        return outcome;
    });
}

Expected<std::uint32_t> SqlReader::epoch() {
    return read([](SqlSession& session) { return readEpoch(session); });
}

Expected<std::vector<Conversation>> SqlReader::conversations(std::span<const ConversationId> ids) {
    return read([&](SqlSession& session) { return loadConversations(session, toTexts(ids)); });
}

Expected<std::vector<Standing>> SqlReader::standings(std::span<const ConversationId> ids) {
    return read([&](SqlSession& session) { return loadStandings(session, toTexts(ids)); });
}

Expected<std::vector<Conversation>> SqlReader::page(std::string_view statement,
                                                    ConversationId after, std::uint32_t limit) {
    return read([&](SqlSession& session) {
        ConversationRows found;
        session.runOnce(statement, std::tuple(after.str(), static_cast<Poco::Int64>(limit)),
                        found.all());
        return found.rows();
    });
}

Expected<std::vector<Conversation>> SqlReader::all(ConversationId after, std::uint32_t limit) {
    return page("select_conversations_after", after, limit);
}

Expected<std::vector<Conversation>> SqlReader::open(ConversationId after, std::uint32_t limit) {
    return page("select_open", after, limit);
}

Expected<std::vector<Conversation>> SqlReader::closedSince(std::int64_t sinceMs,
                                                           ConversationId after,
                                                           std::uint32_t limit) {
    return read([&](SqlSession& session) {
        const Poco::Int64 since = sinceMs;
        ConversationRows found;
        session.runOnce("select_closed_since",
                        std::tuple(since, since, after.str(), static_cast<Poco::Int64>(limit)),
                        found.all());
        return found.rows();
    });
}

Expected<std::vector<HeadEvent>> SqlReader::heads(std::span<const Conversation> of) {
    return read([&](SqlSession& session) {
        Texts ids;
        Numbers streams;
        Numbers seqs;
        const auto want = [&](const Conversation& row, v1::Stream stream, const Head& head) {
            if (head.seq == 0) return;
            ids.push_back(row.id.str());
            streams.push_back(stream);
            seqs.push_back(static_cast<Poco::Int64>(head.seq));
        };
        for (const auto& row : of) {
            want(row, v1::STREAM_SHARED, row.shared);
            want(row, v1::STREAM_STAFF, row.staff);
        }
        Texts conversation;
        Numbers stream;
        Blobs event;
        session.runRows("select_events", std::tie(ids, streams, seqs),
                        std::tie(conversation, stream, event));
        std::vector<HeadEvent> heads;
        for (std::size_t i = 0; i < event.size(); ++i) {
            heads.push_back({toId<ConversationId>(conversation[i]),
                             static_cast<v1::Stream>(stream[i]), toBytes(event[i])});
        }
        return heads;
    });
}

Expected<std::vector<QueueLength>> SqlReader::queues() {
    return read([](SqlSession& session) {
        Texts sites;
        Texts departments;
        Numbers counts;
        session.runOnce("select_queues", std::tuple<>(), std::tie(sites, departments, counts));
        std::vector<QueueLength> queues;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            const auto site = SiteId::parse(sites[i]);
            const auto department = DepartmentId::parse(departments[i]);
            if (site && department) {
                queues.push_back({*site, *department, static_cast<std::uint32_t>(counts[i])});
            }
        }
        return queues;
    });
}

}  // namespace parlor::ledger
