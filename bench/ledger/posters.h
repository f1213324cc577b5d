#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bench/support/report.h"
#include "bus/memory_bus.h"
#include "parlor/v1/rpc.pb.h"
#include "proto/topics.h"

namespace parlor::bench {

struct PostingLoad {
    int conversations = 1000;
    int inFlight = 1000;
    int draftsPerPost = 1;
    int textBytes = 200;
};

// Opens conversations, then keeps posts under way in so many of them: each receipt sends the next.
// Calls from one thread.
class Posters {
 public:
    Posters(bus::MemoryBroker& broker, const PostingLoad& load);
    ~Posters();
    Posters(const Posters&) = delete;
    Posters& operator=(const Posters&) = delete;

    void start();
    bool opened() const { return opened_.load() == load_.conversations; }
    void run();
    // No more are sent.
    void stop() { running_ = false; }
    // Nothing is under way.
    bool idle() const { return underWay_.load() == 0; }
    std::uint64_t recorded() const { return recorded_.load(); }
    std::uint64_t failed() const { return failed_.load(); }
    // From post to receipt; once idle().
    const Latencies& latencies() const { return latencies_; }

 private:
    using Clock = std::chrono::steady_clock;

    void open(const ConversationId& conversation);
    void post(std::size_t index);
    void send(const topics::Topic& topic, std::string payload, std::string correlation);
    void onReply(const bus::Message& message);
    void onAnswer(const v1::Answer& answer);

    const PostingLoad load_;
    const SiteId site_ = *SiteId::parse("shop");
    const ClientId client_ = *ClientId::parse("bench");
    const std::unique_ptr<bus::Bus> bus_;
    std::vector<ConversationId> conversations_;
    Latencies latencies_;  // the bus's thread
    std::atomic<int> opened_{0};
    std::atomic<int> underWay_{0};
    std::atomic<bool> running_{false};
    std::atomic<std::uint64_t> recorded_{0};
    std::atomic<std::uint64_t> failed_{0};
};

}  // namespace parlor::bench
