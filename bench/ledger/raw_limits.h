#pragma once

#include <chrono>

#include "ledger/store/database_url.h"

namespace parlor::bench {

struct RawLoad {
    int conversations = 1000;
    int batch = 1;  // rows in one transaction
    std::chrono::seconds time{5};
};

// The least that recording can cost on a database: a plain client of its C library that inserts
// rows of the same shape into a migrated database's empty `events`, with the same durability; on
// servers by prepared statements of up to 64 rows, as the ledger's. Rows a second. Each throws
// std::runtime_error.
double rawSqliteRate(const ledger::DatabaseUrl& url, const RawLoad& load);
double rawPostgresqlRate(const ledger::DatabaseUrl& url, const RawLoad& load);
double rawMariadbRate(const ledger::DatabaseUrl& url, const RawLoad& load);

}  // namespace parlor::bench
