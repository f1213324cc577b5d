#pragma once

#include <unordered_map>

#include "ledger/store/sql_connection.h"
#include "ledger/store/sql_rows.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

class SqlWriter final : public Writer {
 public:
    SqlWriter(const DatabaseUrl& url, const SqlCatalog& catalog)
        : dialect_(url.dialect), connection_(url, catalog, SessionUse::write) {}

    Expected<void> record(const Scope& scope, Snapshot& snapshot, const Decide& decide) override;

 private:
    void attempt(SqlSession& session, const Scope& scope, Snapshot& snapshot, const Decide& decide);
    void refreshCache(SqlSession& session);
    void loadConversations(SqlSession& session, const Scope& scope, Snapshot& snapshot);
    Texts scopeWithoutCached(const Scope& scope, Snapshot& snapshot) const;
    Texts lockWithoutCached(SqlSession& session, const Scope& scope, Snapshot& snapshot) const;
    void loadKnown(SqlSession& session, const Scope& scope, Snapshot& snapshot);
    void write(SqlSession& session, const Changes& changes);
    void remember(const Changes& changes);

    const Dialect dialect_;
    SqlConnection connection_;

    // What this one wrote last. Whoever is alone on its database (SQLite) need not read it again,
    // unless another connection has written: then the database's version is another. On servers
    // each row is asked whether it is still the same.
    std::unordered_map<ConversationId, Conversation> cache_;
    std::uint32_t epoch_ = 0;
    Poco::Int64 version_ = 0;

    // Between batches they keep nothing but their memory.
    ConversationColumns conversations_;
    HeadColumns heads_;
    EventColumns events_;
};

}  // namespace parlor::ledger
