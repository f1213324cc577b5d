#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace parlor::ledger {

// How long visitors have to wait: the mean of the newest waits of the last hour. One thread.
class WaitEstimate {
 public:
    using Clock = std::chrono::steady_clock;

    void add(std::chrono::milliseconds wait, Clock::time_point now);
    // In whole steps of 5 s, so that it does not change with every visitor; 0: nothing is known.
    std::uint32_t seconds(Clock::time_point now) const;

 private:
    struct Wait {
        Clock::time_point at;
        std::chrono::milliseconds length;
    };
    std::deque<Wait> waits_;
};

}  // namespace parlor::ledger
