#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace parlor::ledger {

// How often a line of each kind is written to the log, so that a flood cannot fill a disk. Every
// call from any thread.
class LinePace {
 public:
    LinePace(std::size_t kinds, std::chrono::milliseconds every) : every_(every), kinds_(kinds) {}

    // How many of its kind were left out since the last line; none: this one is, too.
    std::optional<std::uint64_t> next(std::size_t kind) {
        const std::scoped_lock lock(mutex_);
        Kind& lines = kinds_[kind];
        const auto now = Clock::now();
        if (now < lines.next) {
            ++lines.leftOut;
            return {};
        }
        lines.next = now + every_;
        return std::exchange(lines.leftOut, 0);
    }

 private:
    using Clock = std::chrono::steady_clock;
    struct Kind {
        Clock::time_point next;
        std::uint64_t leftOut = 0;
    };

    const std::chrono::milliseconds every_;
    std::mutex mutex_;
    std::vector<Kind> kinds_;  // mutex_
};

}  // namespace parlor::ledger
