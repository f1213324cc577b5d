#include "ledger/store/sql_writer.h"

#include <algorithm>

#include "ledger/store/sql_loads.h"
#include "ledger/store/sql_meta.h"

namespace parlor::ledger {
namespace {

// A transaction that loses this often does not lose against other replicas, but against what is in
// the database already.
constexpr int kAttempts = 16;

constexpr std::size_t kCachedConversations = 20'000;

}  // namespace

Expected<void> SqlWriter::record(const Scope& scope, Snapshot& snapshot, const Decide& decide) {
    for (int tries = 1;; ++tries) {
        const auto done = connection_.attempt([&](SqlSession& session) {
            attempt(session, scope, snapshot, decide);
            return true;
        });
        if (done) return {};
        cache_.clear();
        version_ = 0;
        const SqlFailure& failure = done.error();
        if (failure.kind != SqlFailure::Kind::conflict) return failure.error;
        if (tries == kAttempts) return Error{Errc::internal, failure.error.text};
    }
}

void SqlWriter::attempt(SqlSession& session, const Scope& scope, Snapshot& snapshot,
                        const Decide& decide) {
    session.begin();
    snapshot = {};
    refreshCache(session);
    snapshot.epoch = epoch_;
    loadConversations(session, scope, snapshot);
    loadKnown(session, scope, snapshot);
    snapshot.loads = lockLoads(session, dialect_, scope.agents);
    const Changes& changes = decide();
    if (changes.empty()) {
        session.rollback();
        return;
    }
    write(session, changes);
    session.commit();
    remember(changes);
}

void SqlWriter::refreshCache(SqlSession& session) {
    if (dialect_ == Dialect::sqlite) {
        Numbers version;
        session.runOnce("select_data_version", std::tuple<>(), std::tie(version));
        if (!version.empty() && version.front() == version_) return;
        cache_.clear();
        version_ = version.empty() ? 0 : version.front();
    }
    const auto epoch = readEpoch(session);
    // A backup was restored: a row may look as it did and have another past.
    if (epoch != epoch_) cache_.clear();
    epoch_ = epoch;
}

void SqlWriter::loadConversations(SqlSession& session, const Scope& scope, Snapshot& snapshot) {
    Texts ids = dialect_ == Dialect::sqlite ? scopeWithoutCached(scope, snapshot)
                                            : lockWithoutCached(session, scope, snapshot);
    ConversationColumns found;
    session.runRowsAtLeastOnce("select_conversations", std::tie(ids), found.all());
    for (auto& row : found.rows()) snapshot.conversations.emplace(row.id, std::move(row));
}

// Nobody else writes: those that are in the cache are as they are there. The others' ids.
Texts SqlWriter::scopeWithoutCached(const Scope& scope, Snapshot& snapshot) const {
    Texts others;
    for (const auto& id : scope.conversations) {
        const auto cached = cache_.find(id);
        if (cached == cache_.end()) {
            others.push_back(id.str());
        } else {
            snapshot.conversations.emplace(id, cached->second);
        }
    }
    return others;
}

// Locks all that exist. Those whose row has not changed since it was put into the cache are not
// read again, which costs more than the lock. The others' ids.
Texts SqlWriter::lockWithoutCached(SqlSession& session, const Scope& scope,
                                   Snapshot& snapshot) const {
    Texts ids;
    for (const auto& id : scope.conversations) ids.push_back(id.str());
    // In one order by everybody, so that two replicas do not wait for each other.
    std::sort(ids.begin(), ids.end());
    MarkColumns marks;
    session.runRowsAtLeastOnce("lock_heads", std::tie(ids), marks.all());
    Texts others;
    for (std::size_t i = 0; i < marks.id.size(); ++i) {
        const auto cached = cache_.find(toId<ConversationId>(marks.id[i]));
        if (cached != cache_.end() && marks.fits(i, cached->second)) {
            snapshot.conversations.emplace(cached->first, cached->second);
        } else {
            others.push_back(marks.id[i]);
        }
    }
    return others;
}

void SqlWriter::loadKnown(SqlSession& session, const Scope& scope, Snapshot& snapshot) {
    Texts requests;
    Texts conversations;
    requests.reserve(scope.drafts.size());
    conversations.reserve(scope.drafts.size());
    for (const auto& draft : scope.drafts) {
        requests.push_back(draft.request.str());
        conversations.push_back(draft.conversation.str());
    }
    Texts conversation;
    Texts request;
    Numbers stream;
    Numbers seq;
    Blobs event;
    session.runRowsAtLeastOnce("select_known", std::tie(requests, conversations),
                               std::tie(conversation, request, stream, seq, event));
    for (std::size_t i = 0; i < event.size(); ++i) {
        const DraftKey key{toId<ConversationId>(conversation[i]), toId<RequestId>(request[i])};
        const Place place{static_cast<v1::Stream>(stream[i]), static_cast<std::uint64_t>(seq[i])};
        snapshot.known.emplace(key, KnownEvent{place, toBytes(event[i])});
    }
}

void SqlWriter::write(SqlSession& session, const Changes& changes) {
    const auto save = [&](std::string_view statement, const auto& rows) {
        if (rows.empty()) return;
        conversations_.fill(rows);
        session.runRows(statement, conversations_.all(), std::tuple<>());
    };
    save("insert_conversations", changes.opened);
    save("save_conversations", changes.changed);
    // Most batches change nothing else of a conversation, whose row is wide. (SQLite, besides,
    // writes every index again that has a column of the statement in it, changed or not.)
    if (!changes.advanced.empty()) {
        heads_.fill(changes.advanced);
        session.runRowsAtLeastOnce("save_heads", heads_.all(), std::tuple<>());
    }
    if (changes.events.empty()) return;
    events_.fill(changes.events);
    session.runRows("insert_events", events_.all(), std::tuple<>());
}

void SqlWriter::remember(const Changes& changes) {
    if (cache_.size() > kCachedConversations) cache_.clear();
    for (const auto* rows : {&changes.opened, &changes.changed, &changes.advanced}) {
        for (const Conversation* row : *rows) cache_.insert_or_assign(row->id, *row);
    }
}

}  // namespace parlor::ledger
