#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/errors.h"

namespace parlor::ledger {

// Why a message from the bus was put aside without an answer.
enum class Drop {
    topic,          // not a topic senders write to
    garbage,        // a payload that does not parse
    responseTopic,  // missing, or not the sender's own
    correlation,    // correlation data missing or too long
    expired,        // waited longer than its sender does
    overloaded,     // the bounded queue was full (posts and opens are told so)
};
inline constexpr std::size_t kDropReasons = 6;
inline constexpr std::size_t kErrcValues = 12;
// As in /metrics and the log.
std::string_view nameOf(Drop why);
std::string nameOf(Errc code);

// What the ledger counts, for /metrics. Every call from any thread.
class Metrics {
 public:
    Metrics();

    void recorded(std::size_t events) { recorded_->Increment(static_cast<double>(events)); }
    void duplicate() { duplicates_->Increment(); }
    void refused(Errc why);
    void dropped(Drop why) { dropped_[static_cast<std::size_t>(why)]->Increment(); }
    void committed(std::size_t drafts, std::chrono::nanoseconds took);
    void commitFailed() { commitFailures_->Increment(); }
    void publishFailed() { publishFailures_->Increment(); }
    void queueDepth(std::size_t submissions) { queueDepth_->Set(static_cast<double>(submissions)); }
    void request() { requests_->Increment(); }

    // For tests and logs.
    double droppedSoFar(Drop why) const { return dropped_[static_cast<std::size_t>(why)]->Value(); }
    double duplicatesSoFar() const { return duplicates_->Value(); }
    double recordedSoFar() const { return recorded_->Value(); }
    std::uint64_t batchesSoFar() const { return batchDrafts_->Collect().histogram.sample_count; }

    // In Prometheus's text format.
    std::string text() const;

 private:
    // The metrics belong to the registry; they are thread-safe themselves.
    prometheus::Registry registry_;
    prometheus::Counter* recorded_;
    prometheus::Counter* duplicates_;
    std::array<prometheus::Counter*, kErrcValues> refused_{};
    std::array<prometheus::Counter*, kDropReasons> dropped_{};
    prometheus::Histogram* batchDrafts_;
    prometheus::Histogram* commitSeconds_;
    prometheus::Counter* commitFailures_;
    prometheus::Counter* publishFailures_;
    prometheus::Gauge* queueDepth_;
    prometheus::Counter* requests_;
};

}  // namespace parlor::ledger
