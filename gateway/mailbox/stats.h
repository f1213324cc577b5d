#pragma once

// What a shard counts. Written by the shard's thread, read by whichever shard answers /metrics:
// relaxed atomics with one writer, so that counting costs no lock.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace parlor::gateway {

class Counter {
 public:
    void add(std::uint64_t amount = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
    void add(std::int64_t amount) {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<std::int64_t> value_{0};
};

// Seconds, in buckets that double from 1 ms to 16 s.
class LatencyHistogram {
 public:
    static constexpr std::size_t kBuckets = 15;
    static double upperBound(std::size_t bucket) {
        return static_cast<double>(1ULL << bucket) / 1000.0;
    }

    void observe(double seconds) {
        std::size_t bucket = 0;
        while (bucket < kBuckets && seconds > upperBound(bucket)) ++bucket;
        counts_[bucket].add();
        sumMicros_.add(seconds > 0 ? static_cast<std::uint64_t>(seconds * 1e6) : 0);
    }
    // kBuckets stands for "above all".
    std::uint64_t count(std::size_t bucket) const { return counts_[bucket].value(); }
    double sum() const { return static_cast<double>(sumMicros_.value()) / 1e6; }

 private:
    std::array<Counter, kBuckets + 1> counts_;
    Counter sumMicros_;
};

enum class Transport { shortPoll, longPoll, webSocket, sse, frame };
inline constexpr std::array kTransportNames = {"short_poll", "long_poll", "websocket", "sse",
                                               "frame"};

enum class Drop {
    malformed,     // a payload or topic that does not parse
    unknown,       // for nobody: no such mailbox, no such pending request
    duplicate,     // an event that was there already
    staleEpoch,    // an event of an epoch that has passed
    liveOverflow,  // a live signal, where too many wait for a busy connection
};
inline constexpr std::array kDropNames = {"malformed", "unknown", "duplicate", "stale_epoch",
                                          "live_overflow"};

// Why the gateway ended a connection by itself.
enum class Closing {
    queueFull,        // more waited for a slow client than is kept for one
    writeDeadline,    // a client did not take what was written
    noPong,           // nothing was heard of a WebSocket's client
    requestDeadline,  // a request, or a TLS handshake, did not arrive
    idle,             // no request came
};
inline constexpr std::array kClosingNames = {"queue_full", "write_deadline", "no_pong",
                                             "request_deadline", "idle"};

// Answers about transcripts.
enum class TranscriptStep {
    asked,      // taken by the ledger
    delivered,  // the file
    failed,     // why there is none
};
inline constexpr std::array kTranscriptStepNames = {"asked", "delivered", "failed"};

struct Stats {
    std::array<Gauge, kTransportNames.size()> parked;        // readers waiting, by transport
    std::array<Counter, kTransportNames.size()> deliveries;  // answers or frames with events
    std::array<Counter, kDropNames.size()> drops;
    std::array<Counter, kClosingNames.size()> closings;
    std::array<Counter, kTranscriptStepNames.size()> transcripts;
    LatencyHistogram delivery;  // from the ledger's timestamp to the socket
    LatencyHistogram loopLag;   // how late the shard's tick was
    Gauge connections;
    Counter connectionsRefused;
    Counter requests;
    std::array<Counter, 6> answers;  // by hundreds of the status code
    Gauge mailboxes;                 // conversations subscribed to
    Gauge receiptsPending;
    Counter posts;
    Counter postRetries;
    Counter histories;
    Counter gaps;        // readers told that a hole could not be filled
    Gauge busConnected;  // 0 or 1
    Gauge ready;         // 0 or 1: connected, and its reply topic subscribed
    Gauge tokensCached;
    Counter tokensRefused;
    Counter rateLimited;

    Gauge& parkedBy(Transport transport) { return parked[static_cast<std::size_t>(transport)]; }
    Counter& deliveredBy(Transport transport) {
        return deliveries[static_cast<std::size_t>(transport)];
    }
    Counter& dropped(Drop reason) { return drops[static_cast<std::size_t>(reason)]; }
    Counter& closed(Closing reason) { return closings[static_cast<std::size_t>(reason)]; }
    Counter& transcript(TranscriptStep step) { return transcripts[static_cast<std::size_t>(step)]; }
};

}  // namespace parlor::gateway
