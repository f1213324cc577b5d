#include "gateway/edge/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <limits>
#include <utility>

namespace parlor::gateway {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Shards = std::vector<const Stats*>;
using Read = std::function<double(const Stats&)>;

class Page {
 public:
    explicit Page(const Shards& shards) : shards_(shards) {}

    void counter(const char* name, const char* help, const Read& read) {
        begin(name, help, MetricType::Counter);
        add({}, read);
    }
    void gauge(const char* name, const char* help, const Read& read) {
        begin(name, help, MetricType::Gauge);
        add({}, read);
    }
    void begin(const char* name, const char* help, MetricType type) {
        families_.push_back({name, help, type, {}});
    }
    void add(std::vector<ClientMetric::Label> labels, const Read& read) {
        double sum = 0;
        for (const Stats* shard : shards_) sum += read(*shard);
        addValue(std::move(labels), sum);
    }
    void addValue(std::vector<ClientMetric::Label> labels, double value) {
        ClientMetric metric;
        metric.label = std::move(labels);
        metric.counter.value = value;
        metric.gauge.value = value;
        families_.back().metric.push_back(std::move(metric));
    }
    void histogram(const char* name, const char* help,
                   const std::function<const LatencyHistogram&(const Stats&)>& of) {
        begin(name, help, MetricType::Histogram);
        ClientMetric metric;
        std::uint64_t total = 0;
        for (std::size_t bucket = 0; bucket <= LatencyHistogram::kBuckets; ++bucket) {
            for (const Stats* shard : shards_) total += of(*shard).count(bucket);
            const double bound = bucket == LatencyHistogram::kBuckets
                                     ? std::numeric_limits<double>::infinity()
                                     : LatencyHistogram::upperBound(bucket);
            metric.histogram.bucket.push_back({total, bound});
        }
        metric.histogram.sample_count = total;
        for (const Stats* shard : shards_) metric.histogram.sample_sum += of(*shard).sum();
        families_.back().metric.push_back(std::move(metric));
    }
    std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
    const Shards& shards_;
    std::vector<MetricFamily> families_;
};

double asDouble(const Counter& counter) { return static_cast<double>(counter.value()); }
double asDouble(const Gauge& gauge) { return static_cast<double>(gauge.value()); }

double residentBytes() {
    std::ifstream statm("/proc/self/statm");
    double size = 0;
    double resident = 0;
    statm >> size >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void readers(Page& page) {
    page.begin("parlor_gateway_parked", "Readers waiting for events.", MetricType::Gauge);
    for (std::size_t i = 0; i < kTransportNames.size(); ++i) {
        page.add({{"transport", kTransportNames[i]}},
                 [i](const Stats& stats) { return asDouble(stats.parked[i]); });
    }
    page.begin("parlor_gateway_deliveries_total", "Answers or frames with events.",
               MetricType::Counter);
    for (std::size_t i = 0; i < kTransportNames.size(); ++i) {
        page.add({{"transport", kTransportNames[i]}},
                 [i](const Stats& stats) { return asDouble(stats.deliveries[i]); });
    }
    page.histogram("parlor_gateway_delivery_seconds",
                   "From the ledger's timestamp to the socket of a waiting reader.",
                   [](const Stats& stats) -> const LatencyHistogram& { return stats.delivery; });
    page.counter("parlor_gateway_gaps_total", "Readers told that a hole could not be filled.",
                 [](const Stats& stats) { return asDouble(stats.gaps); });
    page.begin("parlor_gateway_drops_total", "What was thrown away, by reason.",
               MetricType::Counter);
    for (std::size_t i = 0; i < kDropNames.size(); ++i) {
        page.add({{"reason", kDropNames[i]}},
                 [i](const Stats& stats) { return asDouble(stats.drops[i]); });
    }
}

void http(Page& page) {
    page.gauge("parlor_gateway_connections", "Open connections.",
               [](const Stats& stats) { return asDouble(stats.connections); });
    page.counter("parlor_gateway_connections_refused_total", "Connections over a limit.",
                 [](const Stats& stats) { return asDouble(stats.connectionsRefused); });
    page.begin("parlor_gateway_closed_total",
               "Connections that the gateway ended for what the client did not do, by reason.",
               MetricType::Counter);
    for (std::size_t i = 0; i < kClosingNames.size(); ++i) {
        page.add({{"reason", kClosingNames[i]}},
                 [i](const Stats& stats) { return asDouble(stats.closings[i]); });
    }
    page.counter("parlor_gateway_requests_total", "HTTP requests.",
                 [](const Stats& stats) { return asDouble(stats.requests); });
    page.begin("parlor_gateway_answers_total", "HTTP answers, by class of status.",
               MetricType::Counter);
    for (std::size_t i = 1; i < 6; ++i) {
        page.add({{"status", std::to_string(i) + "xx"}},
                 [i](const Stats& stats) { return asDouble(stats.answers[i]); });
    }
    page.counter("parlor_gateway_rate_limited_total", "Requests over a rate.",
                 [](const Stats& stats) { return asDouble(stats.rateLimited); });
    page.counter("parlor_gateway_tokens_refused_total", "Tokens that were wrong or expired.",
                 [](const Stats& stats) { return asDouble(stats.tokensRefused); });
    page.gauge("parlor_gateway_tokens_cached", "Tokens checked and remembered.",
               [](const Stats& stats) { return asDouble(stats.tokensCached); });
    page.histogram("parlor_gateway_loop_lag_seconds", "How late a shard's tick was.",
                   [](const Stats& stats) -> const LatencyHistogram& { return stats.loopLag; });
    page.begin("process_resident_memory_bytes", "Resident memory size in bytes.",
               MetricType::Gauge);
    page.addValue({}, residentBytes());
}

void bus(Page& page) {
    page.gauge("parlor_gateway_subscriptions", "Conversations subscribed to.",
               [](const Stats& stats) { return asDouble(stats.mailboxes); });
    page.gauge("parlor_gateway_bus_connected", "Shards with a connection to the broker.",
               [](const Stats& stats) { return asDouble(stats.busConnected); });
    page.gauge("parlor_gateway_receipts_pending", "Drafts without a receipt.",
               [](const Stats& stats) { return asDouble(stats.receiptsPending); });
    page.counter("parlor_gateway_posts_total", "Drafts taken.",
                 [](const Stats& stats) { return asDouble(stats.posts); });
    page.counter("parlor_gateway_post_retries_total", "Posts published again.",
                 [](const Stats& stats) { return asDouble(stats.postRetries); });
    page.counter("parlor_gateway_histories_total", "Questions to the ledger's history.",
                 [](const Stats& stats) { return asDouble(stats.histories); });
}

void transcripts(Page& page) {
    page.begin("parlor_gateway_transcripts_total",
               "Answers about transcripts: asked for, the file, and why there is none.",
               MetricType::Counter);
    for (std::size_t i = 0; i < kTranscriptStepNames.size(); ++i) {
        page.add({{"step", kTranscriptStepNames[i]}},
                 [i](const Stats& stats) { return asDouble(stats.transcripts[i]); });
    }
}

}  // namespace

std::string metricsPage(const Shards& shards) {
    Page page(shards);
    readers(page);
    http(page);
    bus(page);
    transcripts(page);
    return page.text();
}

}  // namespace parlor::gateway
