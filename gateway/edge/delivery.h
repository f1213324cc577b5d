#pragma once

#include <chrono>

#include "gateway/mailbox/page.h"
#include "gateway/mailbox/stats.h"

namespace parlor::gateway {

inline std::int64_t unixMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// Counts a page that goes to a reader who has waited since `sinceMs`. How long it took is only told
// by events that happened meanwhile.
inline void noteDelivery(Stats& stats, Transport transport, const Page& page,
                         std::int64_t sinceMs) {
    stats.deliveredBy(transport).add();
    if (page.newestAtMs < sinceMs) return;
    stats.delivery.observe(static_cast<double>(unixMs() - page.newestAtMs) / 1000.0);
}

}  // namespace parlor::gateway
