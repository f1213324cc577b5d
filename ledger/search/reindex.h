#pragma once

// The search index made anew from the record, as fast as the database allows.

#include <cstdint>
#include <functional>

#include "ledger/store/store.h"

namespace parlor::ledger {

struct ReindexOptions {
    std::uint32_t events = 16384;  // in one transaction
    std::uint32_t page = 8000;     // conversations that one look at the record takes
    std::size_t threads = 4;       // where the database has more than one writer
};

struct Reindexed {
    std::uint64_t events = 0;
    std::uint64_t refused = 0;  // conversations that the database does not take: they stay out
};
using ReindexProgress = std::function<void(const Reindexed& soFar)>;

// Empties the index and reads everything again; the figures of reports stay. May run beside
// ledgers: what they record meanwhile is indexed once. Until it returns, searches find only what
// was read again. Where it fails or breaks off the rest is indexed by the next ledger that starts,
// or by another call, which begins anew. `progress` is called after every transaction, by one
// thread at a time.
Expected<Reindexed> reindex(Store& store, const ReindexOptions& options,
                            const ReindexProgress& progress);
// The same without emptying it: reads what is unread.
Expected<Reindexed> indexUnread(Store& store, const ReindexOptions& options,
                                const ReindexProgress& progress);

}  // namespace parlor::ledger
