#pragma once

#include <memory>

#include "ledger/store/row_cache.h"
#include "ledger/store/sql_database.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

// Store over Poco::Data; what differs between databases is in ledger/sql and sql_session.cpp.
// Writers and readers connect when first used, and again after a failure.
class SqlStore final : public Store {
 public:
    explicit SqlStore(DatabaseUrl url,
                      std::chrono::milliseconds answerWithin = SqlDatabase::kAnswerWithin)
        : database_(std::move(url), answerWithin) {}

    // For a ledger that stops: from then on nobody waits for a server that does not answer. Calls
    // that are under way fail, and so does whatever is asked later. Any thread.
    void endAt(SocketWatch::Clock::time_point end) { database_.watch.endAt(end); }

    Expected<void> migrate() override;
    // After a backup was restored: cursors from before must not be taken for places in this record.
    // The new epoch. Ledgers that run on it notice with their next transaction.
    Expected<std::uint32_t> raiseEpoch();
    // An SQLite file has one ledger.
    bool isShared() const override { return database_.url.dialect != Dialect::sqlite; }
    std::unique_ptr<Writer> makeWriter() override;
    std::unique_ptr<Reader> makeReader() override;
    std::unique_ptr<DispatchReader> makeDispatchReader() override;
    std::unique_ptr<DirectoryStore> makeDirectory() override;
    std::unique_ptr<Archive> makeArchive() override;
    std::unique_ptr<SearchIndex> makeSearchIndex() override;
    std::unique_ptr<JobStore> makeJobs() override;
    std::unique_ptr<Eraser> makeEraser() override;

 private:
    SqlDatabase database_;
    const std::shared_ptr<RowCache> rows_ = std::make_shared<RowCache>();
};

}  // namespace parlor::ledger
