#include "ledger/store/sql_store.h"

#include "ledger/store/sql_connection.h"
#include "ledger/store/sql_dispatch_reader.h"
#include "ledger/store/sql_meta.h"
#include "ledger/store/sql_reader.h"
#include "ledger/store/sql_writer.h"

namespace parlor::ledger {

SqlStore::SqlStore(DatabaseUrl url) : url_(std::move(url)), catalog_(url_.dialect) {}

Expected<void> SqlStore::migrate() {
    SqlConnection connection(url_, catalog_, SessionUse::write);
    const auto done = connection.attempt([&](SqlSession& session) {
        applyMigrations(session, catalog_);
        return true;
    });
    if (!done) return done.error().error;
    return {};
}

std::unique_ptr<Writer> SqlStore::makeWriter() {
    return std::make_unique<SqlWriter>(url_, catalog_);
}

std::unique_ptr<Reader> SqlStore::makeReader() {
    return std::make_unique<SqlReader>(url_, catalog_);
}

std::unique_ptr<DispatchReader> SqlStore::makeDispatchReader() {
    return std::make_unique<SqlDispatchReader>(url_, catalog_);
}

}  // namespace parlor::ledger
