#pragma once

#include <Poco/Logger.h>

#include <chrono>
#include <string_view>

#include "ledger/metrics/line_pace.h"
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
        : metrics_(metrics), log_(log), pace_(kDropReasons, every) {}

    // `traceparent`: the message's; empty: none.
    void add(Drop why, std::string_view topic, std::string_view traceparent = {});

 private:
    Metrics& metrics_;
    Poco::Logger& log_;
    LinePace pace_;
};

}  // namespace parlor::ledger
