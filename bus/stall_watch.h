#pragma once

#include <algorithm>
#include <optional>

#include "bus/bus.h"

namespace parlor::bus {

// Says when it is time to suspect that nothing moves: when something waits for an answer and none
// has come for two milliseconds, then again after pauses that double. Not thread-safe.
class StallWatch {
 public:
    // `answers` grows with every answer. True where it is time, once.
    bool isStalled(bool waits, std::uint64_t answers, Deadline now) {
        if (!waits) {
            next_.reset();
        } else if (!next_ || answers != answers_) {
            pause_ = kFirst;
            next_ = now + pause_;
        } else if (*next_ <= now) {
            pause_ = std::min<Clock::duration>(pause_ * 2, kLast);
            next_ = now + pause_;
            return true;
        }
        answers_ = answers;
        return false;
    }

    // When to ask again, at the latest.
    std::optional<Deadline> next() const { return next_; }

 private:
    static constexpr std::chrono::milliseconds kFirst{2};
    static constexpr std::chrono::milliseconds kLast{500};

    std::optional<Deadline> next_;
    Clock::duration pause_ = kFirst;
    std::uint64_t answers_ = 0;
};

}  // namespace parlor::bus
