#include "bench/ledger/raw_sqlite.h"

#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <vector>

#include "proto/ids.h"

namespace parlor::bench {
namespace {

using Clock = std::chrono::steady_clock;

// What a message of 200 bytes comes to as an event.
constexpr int kEventBytes = 430;
constexpr int kHashBytes = 32;

constexpr const char* kSchema =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
    "PRAGMA wal_autocheckpoint = 8000;"
    "CREATE TABLE events (conversation BLOB NOT NULL, stream INTEGER NOT NULL, seq INTEGER NOT "
    "NULL,"
    " request_id BLOB NOT NULL, recorded_at INTEGER NOT NULL, event BLOB NOT NULL, hash BLOB NOT "
    "NULL,"
    " PRIMARY KEY (conversation, stream, seq), UNIQUE (request_id, conversation))";

void run(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sqlite3_errmsg(database));
    }
}

}  // namespace

double rawSqliteRate(const std::string& path, int conversations, int batch, int seconds) {
    sqlite3* opened = nullptr;
    if (sqlite3_open(path.c_str(), &opened) != SQLITE_OK) {
        throw std::runtime_error("cannot open " + path);
    }
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close_v2);
    run(opened, kSchema);
    sqlite3_stmt* prepared = nullptr;
    sqlite3_prepare_v2(opened, "INSERT INTO events VALUES (?, 1, ?, ?, ?, ?, ?)", -1, &prepared,
                       nullptr);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> insert(prepared, sqlite3_finalize);

    const auto count = static_cast<std::size_t>(conversations);
    std::vector<Ulid> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back(Ulid::generate());
    std::vector<sqlite3_int64> heads(count);
    const std::string event(kEventBytes, 'x');
    const std::string hash(kHashBytes, 'h');
    std::size_t at = 0;
    std::uint64_t events = 0;
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::seconds(seconds);
    while (Clock::now() < end) {
        run(opened, "BEGIN IMMEDIATE");
        for (int i = 0; i < batch; ++i, ++events) {
            at = (at + 1) % count;
            const auto request = Ulid::generate();
            sqlite3_bind_blob(prepared, 1, ids[at].bytes().data(), 16, SQLITE_STATIC);
            sqlite3_bind_int64(prepared, 2, ++heads[at]);
            sqlite3_bind_blob(prepared, 3, request.bytes().data(), 16, SQLITE_STATIC);
            sqlite3_bind_int64(prepared, 4, 1764000000000);
            sqlite3_bind_blob(prepared, 5, event.data(), kEventBytes, SQLITE_STATIC);
            sqlite3_bind_blob(prepared, 6, hash.data(), kHashBytes, SQLITE_STATIC);
            if (sqlite3_step(prepared) != SQLITE_DONE) {
                throw std::runtime_error(sqlite3_errmsg(opened));
            }
            sqlite3_reset(prepared);
        }
        run(opened, "COMMIT");
    }
    return static_cast<double>(events) /
           std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace parlor::bench
