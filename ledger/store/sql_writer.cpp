#include "ledger/store/sql_writer.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "ledger/store/sql_batch.h"
#include "ledger/store/sql_conversations.h"
#include "ledger/store/sql_loads.h"
#include "ledger/store/sql_meta.h"

namespace parlor::ledger {
namespace {

// A transaction that loses this often does not lose against other replicas, but against what is in
// the database already.
constexpr int kAttempts = 16;

constexpr unsigned kMostCaution = 63;

// In one order by everybody, as with locks: these may be the transaction's first.
std::vector<const Conversation*> inOrder(std::vector<const Conversation*> rows) {
    std::sort(rows.begin(), rows.end(),
              [](const auto* one, const auto* other) { return one->id < other->id; });
    return rows;
}

std::vector<NewRefusal> inOrder(std::vector<NewRefusal> refusals) {
    std::sort(refusals.begin(), refusals.end(),
              [](const auto& one, const auto& other) { return one.key < other.key; });
    return refusals;
}

std::vector<Participant> inOrder(std::vector<Participant> participants) {
    std::sort(participants.begin(), participants.end());
    return participants;
}

}  // namespace

Expected<void> SqlWriter::record(const Scope& scope, Snapshot& snapshot, const Decide& decide) {
    Mode mode = modeFor(scope);
    for (int tries = 1;; ++tries) {
        const auto done = connection_.attempt(
            [&](SqlSession& session) { return attempt(session, mode, scope, snapshot, decide); });
        if (done && *done) {
            if (mode == Mode::optimistic) caution_ = 0;
            return {};
        }
        if (done.has_error() && done.error().kind != SqlFailure::Kind::conflict) {
            cache_->clear();
            version_ = 0;
            return done.error().error;
        }
        if (mode == Mode::optimistic) {
            caution_ = std::min(2 * caution_ + 1, kMostCaution);
            locking_ = caution_;
            mode = Mode::locking;
        }
        if (tries == kAttempts) {
            return Error{Errc::internal,
                         done ? "a conversation changes under its lock" : done.error().error.text};
        }
    }
}

SqlWriter::Mode SqlWriter::modeFor(const Scope& scope) {
    // SQLite's transaction locks the whole file. What agents have is counted under locks that come
    // after those of conversations.
    if (dialect_ == Dialect::sqlite || !scope.agents.empty()) return Mode::locking;
    if (locking_ == 0) return Mode::optimistic;
    --locking_;
    return Mode::locking;
}

bool SqlWriter::attempt(SqlSession& session, Mode mode, const Scope& scope, Snapshot& snapshot,
                        const Decide& decide) {
    session.begin();
    snapshot = {};
    const bool epochIsSure = refreshCache(session, mode);
    snapshot.epoch = epoch_;
    loadConversations(session, mode, scope, snapshot);
    if (mode == Mode::locking) loadKnown(session, scope.drafts, snapshot);
    snapshot.loads = lockLoads(session, dialect_, scope.agents);
    const Changes& changes = decide();
    bool isTrue = mode == Mode::locking || stillTrue(session, scope, snapshot, changes);
    if (!epochIsSure && changes.empty()) isTrue = isTrue && readEpoch(session) == epoch_;
    if (!isTrue || changes.empty() || !write(session, epochIsSure, snapshot, changes)) {
        session.rollback();
        return isTrue && changes.empty();
    }
    session.commit();
    cache_->put(epoch_, {&changes.opened, &changes.changed, &changes.advanced});
    return true;
}

bool SqlWriter::refreshCache(SqlSession& session, Mode mode) {
    // Confirmed with what is written, which saves a wait for the server.
    if (dialect_ == Dialect::postgresql && mode == Mode::optimistic && epoch_ != 0) return false;
    if (dialect_ == Dialect::sqlite) {
        Numbers version;
        session.runOnce("select_data_version", std::tuple<>(), std::tie(version));
        if (!version.empty() && version.front() == version_) return true;
        cache_->clear();
        version_ = version.empty() ? 0 : version.front();
    }
    epoch_ = readEpoch(session);
    return true;
}

void SqlWriter::loadConversations(SqlSession& session, Mode mode, const Scope& scope,
                                  Snapshot& snapshot) {
    const bool lock = dialect_ != Dialect::sqlite && mode == Mode::locking;
    Texts ids =
        lock ? lockWithoutCached(session, scope, snapshot) : scopeWithoutCached(scope, snapshot);
    for (auto& row : ledger::loadConversations(session, std::move(ids))) {
        snapshot.conversations.emplace(row.id, std::move(row));
    }
}

// Takes those that are in the cache as they are there. The others' ids.
Texts SqlWriter::scopeWithoutCached(const Scope& scope, Snapshot& snapshot) const {
    snapshot.conversations = cache_->find(epoch_, scope.conversations);
    Texts others;
    for (const auto& id : scope.conversations) {
        if (!snapshot.conversations.contains(id)) others.push_back(id.str());
    }
    return others;
}

// Locks all that exist. Those whose row has not changed since it was put into the cache are not
// read again, which costs more than the lock. The others' ids.
Texts SqlWriter::lockWithoutCached(SqlSession& session, const Scope& scope,
                                   Snapshot& snapshot) const {
    Texts ids;
    for (const auto& id : scope.conversations) ids.push_back(id.str());
    const auto marks = lockConversations(session, std::move(ids));
    auto cached = cache_->find(epoch_, scope.conversations);
    Texts others;
    for (std::size_t i = 0; i < marks.id.size(); ++i) {
        auto row = cached.extract(toId<ConversationId>(marks.id[i]));
        if (row && marks.fits(i, row.mapped())) {
            snapshot.conversations.insert(std::move(row));
        } else {
            others.push_back(marks.id[i]);
        }
    }
    return others;
}

void SqlWriter::loadKnown(SqlSession& session, std::span<const DraftKey> drafts,
                          Snapshot& snapshot) {
    Texts requests;
    Texts conversations;
    requests.reserve(drafts.size());
    conversations.reserve(drafts.size());
    for (const auto& draft : drafts) {
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

// What writing shows: an event that is there already, and a conversation that has come further
// where it advances. The rest must be looked at: drafts that come to nothing and were perhaps
// recorded before, conversations that were only read, or of which more is written than can be told
// to be new. (What is erased is closed, and comes without an event.)
bool SqlWriter::stillTrue(SqlSession& session, const Scope& scope, Snapshot& snapshot,
                          const Changes& changes) {
    std::unordered_set<DraftKey> recorded;
    recorded.reserve(changes.events.size());
    for (const auto& event : changes.events) recorded.insert(event.key);
    std::vector<DraftKey> others;
    std::copy_if(scope.drafts.begin(), scope.drafts.end(), std::back_inserter(others),
                 [&](const DraftKey& draft) { return !recorded.contains(draft); });
    loadKnown(session, others, snapshot);
    if (!snapshot.known.empty()) return false;

    const bool allAdvance =
        changes.changed.empty() && changes.advanced.size() == snapshot.conversations.size() &&
        std::none_of(changes.advanced.begin(), changes.advanced.end(),
                     [](const auto* row) { return row->state == ConversationState::closed; });
    return allAdvance || lockUnchanged(session, snapshot);
}

// Locks the snapshot's conversations. False where one is not as it is there.
bool SqlWriter::lockUnchanged(SqlSession& session, const Snapshot& snapshot) const {
    Texts ids;
    for (const auto& [id, row] : snapshot.conversations) ids.push_back(id.str());
    const auto marks = lockConversations(session, std::move(ids));
    if (marks.id.size() != snapshot.conversations.size()) return false;
    for (std::size_t i = 0; i < marks.id.size(); ++i) {
        const auto& row = snapshot.conversations.at(toId<ConversationId>(marks.id[i]));
        if (!marks.fits(i, row)) return false;
    }
    return true;
}

bool SqlWriter::write(SqlSession& session, bool epochIsSure, const Snapshot& snapshot,
                      const Changes& changes) {
    SqlBatch batch(session);
    Numbers epoch{epoch_};
    if (!epochIsSure) batch.add("confirm_epoch", std::tie(epoch));
    const auto add = [&](std::string_view statement, auto& columns, const auto& rows) {
        if (rows.empty()) return;
        columns.fill(rows);
        batch.add(statement, columns.all());
    };
    add("save_conversations", changed_, changes.changed);
    add("save_heads", changedHeads_, changes.changed);
    advanced_.fill(inOrder(changes.advanced), snapshot.conversations);
    const auto advanced = batch.addAtLeastOnce("advance_heads", advanced_.all());
    add("insert_conversations", opened_, changes.opened);
    add("save_heads", openedHeads_, changes.opened);
    add("insert_events", events_, changes.events);
    add("insert_refusals", refusals_, inOrder(changes.refusals));
    add("insert_participants", participants_, inOrder(changes.participants));
    batch.run();
    if (!epochIsSure && batch.affected(0) != 1) return false;
    return allAdvanced(changes.advanced.size(), batch.affected(advanced));
}

bool SqlWriter::allAdvanced(std::size_t rows, std::size_t affected) const {
    switch (dialect_) {
        case Dialect::sqlite:
            return true;
        case Dialect::postgresql:
            return affected == rows;
        case Dialect::mysql:
            return affected == 2 * rows;  // one that were inserted would count once
    }
    return false;
}

}  // namespace parlor::ledger
