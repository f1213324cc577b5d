#pragma once

#include <Poco/Logger.h>

#include <chrono>
#include <optional>
#include <string_view>

#include "ledger/metrics/line_pace.h"
#include "ledger/metrics/metrics.h"
#include "proto/topics.h"

namespace parlor::ledger {

// Requests that the ledger had no time for: each is counted, and written to the log, with what was
// asked, by whom and of which conversation, but nothing else of it. A flood of them gets one line a
// second for each reason, which says how many had none. Every call from any thread.
class RequestLog {
 public:
    // Both must outlive it.
    RequestLog(Metrics& metrics, Poco::Logger& log,
               std::chrono::milliseconds every = std::chrono::seconds(1))
        : metrics_(metrics), log_(log), pace_(kDropReasons, every) {}

    // `conversation`: where it is about one. `traceparent`: empty: none.
    void dropped(Drop why, const topics::Rpc& topic,
                 const std::optional<ConversationId>& conversation, std::string_view traceparent);

 private:
    Metrics& metrics_;
    Poco::Logger& log_;
    LinePace pace_;  // by reason
};

}  // namespace parlor::ledger
