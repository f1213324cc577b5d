#include "ledger/store/sql_writer.h"

#include <algorithm>

#include "ledger/store/sql_meta.h"
#include "ledger/store/sql_rows.h"

namespace parlor::ledger {
namespace {

// A transaction that lost against another replica this often waits like one whose database is away.
constexpr int kAttempts = 8;

void loadConversations(SqlSession& session, const Scope& scope, Snapshot& snapshot) {
    Texts ids;
    ids.reserve(scope.conversations.size());
    for (const auto& id : scope.conversations) ids.push_back(id.str());
    // Locked in one order by everybody, so that two replicas do not wait for each other.
    std::sort(ids.begin(), ids.end());
    ConversationColumns found;
    session.runRows("lock_conversations", std::tie(ids), found.all());
    for (auto& row : found.rows()) snapshot.conversations.emplace(row.id, std::move(row));
}

void loadKnown(SqlSession& session, const Scope& scope, Snapshot& snapshot) {
    Texts requests;
    Texts conversations;
    for (const auto& draft : scope.drafts) {
        requests.push_back(draft.request.str());
        conversations.push_back(draft.conversation.str());
    }
    Texts conversation;
    Texts request;
    Numbers stream;
    Numbers seq;
    Blobs event;
    session.runRows("select_known", std::tie(requests, conversations),
                    std::tie(conversation, request, stream, seq, event));
    for (std::size_t i = 0; i < event.size(); ++i) {
        const DraftKey key{toId<ConversationId>(conversation[i]), toId<RequestId>(request[i])};
        const Place place{static_cast<v1::Stream>(stream[i]), static_cast<std::uint64_t>(seq[i])};
        snapshot.known.emplace(key, KnownEvent{place, toBytes(event[i])});
    }
}

void write(SqlSession& session, const Changes& changes) {
    if (!changes.opened.empty()) {
        ConversationColumns rows(changes.opened);
        session.runRows("insert_conversations", rows.all(), std::tuple<>());
    }
    if (!changes.changed.empty()) {
        ConversationColumns rows(changes.changed);
        session.runRows("save_conversations", rows.all(), std::tuple<>());
    }
    if (!changes.events.empty()) {
        EventColumns rows(changes.events);
        session.runRows("insert_events", rows.all(), std::tuple<>());
    }
}

}  // namespace

Expected<void> SqlWriter::record(const Scope& scope, const Decide& decide) {
    for (int attempt = 1;; ++attempt) {
        const auto done = connection_.attempt([&](SqlSession& session) {
            session.begin();
            Snapshot snapshot;
            snapshot.epoch = readEpoch(session);
            loadConversations(session, scope, snapshot);
            loadKnown(session, scope, snapshot);
            const Changes& changes = decide(snapshot);
            write(session, changes);
            if (changes.empty()) {
                session.rollback();
            } else {
                session.commit();
            }
            return true;
        });
        if (done) return {};
        const SqlFailure& failure = done.error();
        if (failure.kind != SqlFailure::Kind::conflict || attempt == kAttempts)
            return failure.error;
    }
}

}  // namespace parlor::ledger
