#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

namespace parlor::ledger {

// How busy a database is with recording.
class RecordingLoad {
 public:
    using Clock = std::chrono::steady_clock;

    explicit RecordingLoad(Clock::time_point now) : since_(now) {}

    // A transaction took so long. Any thread.
    void add(Clock::duration took) { took_.fetch_add(took.count()); }
    // The share of the time since the last call that transactions took, at most 1. One thread.
    double take(Clock::time_point now) {
        const Clock::duration took(took_.exchange(0));
        const Clock::duration passed = now - since_;
        since_ = now;
        if (passed <= Clock::duration::zero()) return 0;
        return std::min(1.0, std::chrono::duration<double>(took) / passed);
    }

 private:
    std::atomic<Clock::rep> took_{0};
    Clock::time_point since_;
};

}  // namespace parlor::ledger
