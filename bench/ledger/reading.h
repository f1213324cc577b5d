#pragma once

#include <cstdint>
#include <string>

#include "bench/support/report.h"
#include "ledger/store/store.h"

namespace parlor::bench {

struct ReadingLoad {
    std::uint64_t events = 100'000;
};

// How long a page of history and a search take with ten thousand events in a migrated, empty
// database, and with many more, all of them indexed; reported as history_NAME_10k_…,
// history_NAME_full_…, search_NAME_…, the number of events as read_events_NAME, and how fast they
// were indexed all at once as index_rate_NAME. Throws std::runtime_error.
void measureReading(ledger::Store& store, const std::string& name, const ReadingLoad& load,
                    Report& report);

}  // namespace parlor::bench
