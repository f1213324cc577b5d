#pragma once

#include <chrono>
#include <cstdint>

namespace parlor::ledger {

inline std::int64_t unixMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// Until when a job belongs to whoever takes it, or goes on with it, now.
inline std::int64_t jobLeaseMs() {
    constexpr std::chrono::minutes kLease{5};
    return unixMs() + std::chrono::milliseconds(kLease).count();
}

}  // namespace parlor::ledger
