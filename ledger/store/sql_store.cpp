#include "ledger/store/sql_store.h"

#include "ledger/store/sql_archive.h"
#include "ledger/store/sql_connection.h"
#include "ledger/store/sql_directory.h"
#include "ledger/store/sql_dispatch_reader.h"
#include "ledger/store/sql_eraser.h"
#include "ledger/store/sql_jobs.h"
#include "ledger/store/sql_meta.h"
#include "ledger/store/sql_reader.h"
#include "ledger/store/sql_search_index.h"
#include "ledger/store/sql_work.h"
#include "ledger/store/sql_writer.h"

namespace parlor::ledger {

Expected<void> SqlStore::migrate() {
    SqlConnection connection(database_, SessionUse::migrate);
    const auto done = connection.attempt([&](SqlSession& session) {
        applyMigrations(session, database_.catalog);
        return true;
    });
    if (!done) return done.error().error;
    return {};
}

Expected<std::uint32_t> SqlStore::raiseEpoch() {
    SqlConnection connection(database_, SessionUse::write);
    return transact(connection, [](SqlSession& session) -> Expected<std::uint32_t> {
        session.runOnce("raise_meta", std::tuple(std::string("epoch")), std::tuple<>());
        return readEpoch(session);
    });
}

// On servers what writing shows catches rows that are no longer true, whoever put them there. On
// SQLite only the version of a writer's own connection tells, so what it keeps is its own.
std::unique_ptr<Writer> SqlStore::makeWriter() {
    return std::make_unique<SqlWriter>(database_,
                                       isShared() ? rows_ : std::make_shared<RowCache>());
}

std::unique_ptr<Reader> SqlStore::makeReader() { return std::make_unique<SqlReader>(database_); }

std::unique_ptr<DirectoryStore> SqlStore::makeDirectory() {
    return std::make_unique<SqlDirectory>(database_);
}

std::unique_ptr<Archive> SqlStore::makeArchive() { return std::make_unique<SqlArchive>(database_); }

std::unique_ptr<SearchIndex> SqlStore::makeSearchIndex() {
    return std::make_unique<SqlSearchIndex>(database_);
}

std::unique_ptr<JobStore> SqlStore::makeJobs() { return std::make_unique<SqlJobs>(database_); }

std::unique_ptr<Eraser> SqlStore::makeEraser() { return std::make_unique<SqlEraser>(database_); }

std::unique_ptr<DispatchReader> SqlStore::makeDispatchReader() {
    return std::make_unique<SqlDispatchReader>(database_);
}

}  // namespace parlor::ledger
