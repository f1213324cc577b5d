#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "bench/support/report.h"
#include "ledger/store/store.h"

namespace parlor::bench {

struct ReadingLoad {
    std::uint64_t events = 100'000;
    std::chrono::seconds indexLimit{60};  // the rest is recorded, but not indexed
};

// How long a page of history and a search take with ten thousand events in a migrated, empty
// database, and with many more; reported as history_NAME_10k_…, history_NAME_full_…, search_NAME_…,
// and the numbers of events as read_events_NAME and search_events_NAME. Throws std::runtime_error.
void measureReading(ledger::Store& store, const std::string& name, const ReadingLoad& load,
                    Report& report);

}  // namespace parlor::bench
