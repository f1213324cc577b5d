#pragma once

#include <memory>

#include "ledger/store/row_cache.h"
#include "ledger/store/sql_connection.h"
#include "ledger/store/sql_rows.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

class SqlWriter final : public Writer {
 public:
    SqlWriter(SqlDatabase& database, std::shared_ptr<RowCache> cache)
        : dialect_(database.url.dialect),
          connection_(database, SessionUse::write),
          cache_(std::move(cache)) {}

    Expected<void> record(const Scope& scope, Snapshot& snapshot, const Decide& decide) override;

 private:
    // How a transaction comes by its snapshot: everything is locked and looked for first, or taken
    // as it was last seen; then writing shows whether it still is.
    enum class Mode { locking, optimistic };

    Mode modeFor(const Scope& scope);
    // False where the snapshot turned out not to be true: nothing was written.
    bool attempt(SqlSession& session, Mode mode, const Scope& scope, Snapshot& snapshot,
                 const Decide& decide);
    // What is known from before holds, or is read again. False: of the epoch that is to be told
    // yet.
    bool refreshCache(SqlSession& session, Mode mode);
    void loadConversations(SqlSession& session, Mode mode, const Scope& scope, Snapshot& snapshot);
    Texts scopeWithoutCached(const Scope& scope, Snapshot& snapshot) const;
    Texts lockWithoutCached(SqlSession& session, const Scope& scope, Snapshot& snapshot) const;
    void loadKnown(SqlSession& session, std::span<const DraftKey> drafts, Snapshot& snapshot);
    // False where something is otherwise that writing these changes would not show.
    bool stillTrue(SqlSession& session, const Scope& scope, Snapshot& snapshot,
                   const Changes& changes);
    bool lockUnchanged(SqlSession& session, const Snapshot& snapshot) const;
    // False where a conversation has come further than the snapshot knew, or (it is looked at where
    // `epochIsSure` is false) the epoch is another.
    bool write(SqlSession& session, bool epochIsSure, const Snapshot& snapshot,
               const Changes& changes);
    // `affected`: by the statement that advances so many rows.
    bool allAdvanced(std::size_t rows, std::size_t affected) const;

    const Dialect dialect_;
    SqlConnection connection_;

    // What was written last. Whoever is alone on its database (SQLite) need not read it again,
    // unless another connection has written: then the database's version is another.
    const std::shared_ptr<RowCache> cache_;
    std::uint32_t epoch_ = 0;
    Poco::Int64 version_ = 0;

    // Where others write the same conversations it does not pay to be optimistic: after each loss
    // so many transactions lock, twice as many each time in a row.
    unsigned caution_ = 0;
    unsigned locking_ = 0;  // of them are left

    // Between batches they keep nothing but their memory.
    ConversationColumns changed_, opened_;
    HeadColumns changedHeads_, openedHeads_;
    AdvanceColumns advanced_;
    EventColumns events_;
    RefusalColumns refusals_;
    ParticipantColumns participants_;
};

}  // namespace parlor::ledger
