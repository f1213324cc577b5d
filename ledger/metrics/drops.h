#pragma once

#include <Poco/Logger.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "ledger/metrics/metrics.h"

namespace parlor::ledger {

// Messages from the bus that nobody is answered for: each is counted, and written to the log, with
// its topic but never its payload. A flood of them gets one line a second for each reason, which
// says how many had none. Every call from any thread.
class Drops {
 public:
    // Both must outlive it.
    Drops(Metrics& metrics, Poco::Logger& log,
          std::chrono::milliseconds every = std::chrono::seconds(1))
        : metrics_(metrics), log_(log), every_(every) {}

    // `traceparent`: the message's; empty: none.
    void add(Drop why, std::string_view topic, std::string_view traceparent = {});

 private:
    using Clock = std::chrono::steady_clock;
    struct Lines {
        Clock::time_point next;
        std::uint64_t leftOut = 0;
    };

    Metrics& metrics_;
    Poco::Logger& log_;
    const std::chrono::milliseconds every_;
    std::mutex mutex_;
    std::array<Lines, kDropReasons> lines_;  // mutex_
};

}  // namespace parlor::ledger
