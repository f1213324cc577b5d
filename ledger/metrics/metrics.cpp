#include "ledger/metrics/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>

namespace parlor::ledger {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

constexpr std::array<const char*, kDropReasons> kDropNames{
    "topic", "malformed", "response_topic", "correlation", "expired", "overloaded"};

}  // namespace

std::string_view nameOf(Drop why) { return kDropNames[static_cast<std::size_t>(why)]; }

std::string nameOf(Errc code) {
    std::string text = make_error_code(code).message();
    std::replace(text.begin(), text.end(), ' ', '_');
    return text;
}

Metrics::Metrics() {
    recorded_ = &BuildCounter()
                     .Name("parlor_ledger_recorded_total")
                     .Help("Events recorded")
                     .Register(registry_)
                     .Add({});
    duplicates_ = &BuildCounter()
                       .Name("parlor_ledger_duplicates_total")
                       .Help("Repeated drafts answered with their first receipt")
                       .Register(registry_)
                       .Add({});
    auto& refused = BuildCounter()
                        .Name("parlor_ledger_refused_total")
                        .Help("Drafts answered with a failure")
                        .Register(registry_);
    for (std::size_t code = 1; code < kErrcValues; ++code) {
        refused_[code] = &refused.Add({{"reason", nameOf(static_cast<Errc>(code))}});
    }
    auto& dropped = BuildCounter()
                        .Name("parlor_ledger_dropped_total")
                        .Help("Messages put aside without being taken")
                        .Register(registry_);
    for (std::size_t why = 0; why < kDropReasons; ++why) {
        dropped_[why] = &dropped.Add({{"reason", kDropNames[why]}});
    }
    batchDrafts_ = &BuildHistogram()
                        .Name("parlor_ledger_batch_drafts")
                        .Help("Drafts in one transaction")
                        .Register(registry_)
                        .Add({}, prometheus::Histogram::BucketBoundaries{1, 4, 16, 64, 256, 1024});
    commitSeconds_ = &BuildHistogram()
                          .Name("parlor_ledger_commit_seconds")
                          .Help("Time of one transaction, from its begin to the end of its commit")
                          .Register(registry_)
                          .Add({}, prometheus::Histogram::BucketBoundaries{
                                       0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2});
    commitFailures_ = &BuildCounter()
                           .Name("parlor_ledger_commit_failures_total")
                           .Help("Transactions that failed as a whole")
                           .Register(registry_)
                           .Add({});
    publishFailures_ = &BuildCounter()
                            .Name("parlor_ledger_publish_failures_total")
                            .Help("Publications the broker did not confirm")
                            .Register(registry_)
                            .Add({});
    queueDepth_ = &BuildGauge()
                       .Name("parlor_ledger_intake_queue")
                       .Help("Posts waiting for their transaction")
                       .Register(registry_)
                       .Add({});
    requests_ = &BuildCounter()
                     .Name("parlor_ledger_requests_total")
                     .Help("History and status requests answered")
                     .Register(registry_)
                     .Add({});
}

void Metrics::refused(Errc why) { refused_.at(static_cast<std::size_t>(why))->Increment(); }

void Metrics::committed(std::size_t drafts, std::chrono::nanoseconds took) {
    batchDrafts_->Observe(static_cast<double>(drafts));
    commitSeconds_->Observe(std::chrono::duration<double>(took).count());
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace parlor::ledger
