#pragma once

#include <Poco/Logger.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/metrics/line_pace.h"
#include "ledger/metrics/metrics.h"
#include "proto/ids.h"

namespace parlor::ledger {

// What has to do with a draft, for the log.
struct DraftIds {
    std::optional<ConversationId> conversation;  // none: nobody knows
    std::string drafts;                          // ULIDs with commas between; empty: none is valid
    std::string_view traceparent;                // empty: none
};

// Drafts that are not recorded: each is counted, and written to the log, with its ids but never
// what it says. A flood of them gets one line a second for each reason, which says how many had
// none. Every call from any thread.
class DraftLog {
 public:
    // Both must outlive it.
    DraftLog(Metrics& metrics, Poco::Logger& log,
             std::chrono::milliseconds every = std::chrono::seconds(1))
        : metrics_(metrics),
          log_(log),
          refused_(kErrcValues, every),
          dropped_(kDropReasons, every) {}

    // The sender is told so.
    void refused(Errc why, const DraftIds& ids);
    // The ledger had no time for it.
    void dropped(Drop why, const DraftIds& ids);

 private:
    Metrics& metrics_;
    Poco::Logger& log_;
    LinePace refused_;  // by code
    LinePace dropped_;  // by reason
};

}  // namespace parlor::ledger
