#include <sqlite3.h>

#include <memory>
#include <stdexcept>

#include "bench/ledger/raw_limits.h"
#include "bench/ledger/raw_rows.h"

namespace parlor::bench {
namespace {

constexpr const char* kSession =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
    "PRAGMA wal_autocheckpoint = 8000";

void run(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sqlite3_errmsg(database));
    }
}

void bindText(sqlite3_stmt* statement, int index, const std::string& text) {
    sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}
void bindBlob(sqlite3_stmt* statement, int index, const std::string& bytes) {
    sqlite3_bind_blob(statement, index, bytes.data(), static_cast<int>(bytes.size()),
                      SQLITE_STATIC);
}

}  // namespace

double rawSqliteRate(const ledger::DatabaseUrl& url, const RawLoad& load) {
    sqlite3* opened = nullptr;
    if (sqlite3_open(url.path.c_str(), &opened) != SQLITE_OK) {
        throw std::runtime_error("cannot open " + url.path);
    }
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close_v2);
    run(opened, kSession);
    sqlite3_stmt* prepared = nullptr;
    sqlite3_prepare_v2(opened,
                       "INSERT INTO events (conversation, stream, seq, request_id, recorded_at,"
                       " event, hash) VALUES (?, 1, ?, ?, ?, ?, ?)",
                       -1, &prepared, nullptr);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> insert(prepared, sqlite3_finalize);
    return rawRate(load.conversations, load.batch, load.time, [&](const auto& rows) {
        run(opened, "BEGIN IMMEDIATE");
        for (const RawRow& row : rows) {
            bindText(prepared, 1, row.conversation);
            sqlite3_bind_int64(prepared, 2, row.seq);
            bindText(prepared, 3, row.request);
            sqlite3_bind_int64(prepared, 4, kRawRecordedAt);
            bindBlob(prepared, 5, kRawEvent);
            bindBlob(prepared, 6, kRawHash);
            if (sqlite3_step(prepared) != SQLITE_DONE) {
                throw std::runtime_error(sqlite3_errmsg(opened));
            }
            sqlite3_reset(prepared);
        }
        run(opened, "COMMIT");
    });
}

}  // namespace parlor::bench
