#pragma once

#include <chrono>
#include <utility>

#include "ledger/store/database_url.h"
#include "ledger/store/socket_watch.h"
#include "ledger/store/sql_catalog.h"

namespace parlor::ledger {

// A database, and what all sessions with it share. Must outlive them.
struct SqlDatabase {
    // How long a server is waited for: a little longer than it gives itself for a statement
    // (session_*.sql).
    static constexpr std::chrono::milliseconds kAnswerWithin{20'000};

    explicit SqlDatabase(DatabaseUrl where, std::chrono::milliseconds limit = kAnswerWithin)
        : url(std::move(where)), catalog(url.dialect), answerWithin(limit) {}

    const DatabaseUrl url;
    const SqlCatalog catalog;
    const std::chrono::milliseconds answerWithin;
    SocketWatch watch;
};

}  // namespace parlor::ledger
