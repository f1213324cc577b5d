#pragma once

#include <chrono>
#include <thread>

namespace parlor::test {

// Awaits a condition that another thread or process brings about: true as soon as it holds, false
// when `limit` has passed. The condition is asked once a millisecond, on this thread, and must
// guard what it reads.
template <class Condition>
[[nodiscard]] bool eventually(Condition&& condition,
                              std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace parlor::test
