#pragma once

// What the generator puts into each message to know it again: "@@" and, as 16 hexadecimal digits,
// when the message was due (nanoseconds of the steady clock). Found by searching for it, whatever a
// server wraps around it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bench/gateway/poller.h"
#include "bench/support/report.h"

namespace parlor::bench {

inline constexpr std::size_t kMarkerBytes = 18;

// A message's text, `size` bytes long: the marker, then filling.
std::string makeText(Clock::time_point due, std::size_t size);

// All messages that have come, of all subscribers.
class Deliveries {
 public:
    // Counts the markers in `text`, which came at `now`.
    void scan(std::string_view text, Clock::time_point now);
    std::size_t count() const { return count_; }
    // From now on latencies of messages that are due from `from` on are kept, in place of older
    // ones.
    void record(Clock::time_point from);
    const Latencies& latencies() const { return latencies_; }

 private:
    std::size_t count_ = 0;
    Clock::time_point recordFrom_ = Clock::time_point::max();
    Latencies latencies_;
};

}  // namespace parlor::bench
