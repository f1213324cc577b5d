#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace parlor::bus {

// Full jitter: the n-th wait is uniform in 0 … min(max, min × 2^n), so that many clients of a
// broker that comes back do not come all at once. Not thread-safe.
class Backoff {
 public:
    Backoff(std::chrono::milliseconds min, std::chrono::milliseconds max)
        : min_(min), max_(std::max(min, max)), limit_(min), random_(std::random_device()()) {}

    std::chrono::milliseconds next() {
        const auto limit = std::exchange(limit_, std::min(max_, limit_ * 2));
        return std::chrono::milliseconds(
            std::uniform_int_distribution<std::chrono::milliseconds::rep>(0,
                                                                          limit.count())(random_));
    }
    void reset() { limit_ = min_; }

 private:
    const std::chrono::milliseconds min_;
    const std::chrono::milliseconds max_;
    std::chrono::milliseconds limit_;
    std::minstd_rand random_;
};

}  // namespace parlor::bus
