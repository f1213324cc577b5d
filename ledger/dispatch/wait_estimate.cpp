#include "ledger/dispatch/wait_estimate.h"

#include <algorithm>

namespace parlor::ledger {
namespace {

constexpr std::size_t kWaits = 16;
constexpr std::chrono::hours kRecent{1};
constexpr std::chrono::seconds kStep{5};

}  // namespace

void WaitEstimate::add(std::chrono::milliseconds wait, Clock::time_point now) {
    waits_.push_back({now, wait});
    if (waits_.size() > kWaits) waits_.pop_front();
}

std::uint32_t WaitEstimate::seconds(Clock::time_point now) const {
    std::chrono::milliseconds sum{0};
    int count = 0;
    for (const auto& wait : waits_) {
        if (now - wait.at > kRecent) continue;
        sum += wait.length;
        ++count;
    }
    if (count == 0) return 0;
    using Steps = std::chrono::duration<std::int64_t, std::ratio<5>>;
    static_assert(Steps(1) == kStep);
    const auto steps = std::max(std::chrono::ceil<Steps>(sum / count), Steps(1));
    return static_cast<std::uint32_t>(std::chrono::seconds(steps).count());
}

}  // namespace parlor::ledger
