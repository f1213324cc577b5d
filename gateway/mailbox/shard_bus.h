#pragma once

// A shard's way to the bus: brings everything the bus's thread reports over to the shard's thread,
// in order, with one wake-up per batch.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "bus/bus.h"
#include "gateway/mailbox/stats.h"

namespace parlor::gateway {

// All methods belong to the shard's thread; so do all handlers, which run inside dispatch().
class ShardBus {
 public:
    struct Handlers {
        std::function<void(bus::Message&&)> onMessage;
        std::function<void(bus::State)> onState;
    };

    // Payload bytes that may wait for the shard; what comes on top is dropped and counted, and
    // shows as a gap that history fills.
    static constexpr std::size_t kMaxInboxBytes = 64 * 1024 * 1024;

    // `wake` is called on the bus's thread when there is something for dispatch() to do.
    ShardBus(std::unique_ptr<bus::Bus> bus, std::function<void()> wake, Stats& stats);
    ~ShardBus();
    ShardBus(const ShardBus&) = delete;
    ShardBus& operator=(const ShardBus&) = delete;

    void start(Handlers handlers);
    // Waits for publications under way, at most until the deadline. Done-handlers that have not run
    // by then are forgotten. Idempotent.
    void stop(bus::Deadline deadline);
    // Hands over what has come in; returns how many things that were.
    std::size_t dispatch();

    bool connected() const { return connected_; }
    // Done-handlers may be null.
    void publish(bus::Message message, bus::DoneHandler done, bus::Deadline deadline);
    void subscribe(std::vector<std::string> filters, bus::DoneHandler done, bus::Deadline deadline);
    void unsubscribe(std::vector<std::string> filters, bus::Deadline deadline);

 private:
    struct Done {
        bus::DoneHandler handler;
        Expected<void> result;
    };
    using Item = std::variant<bus::Message, bus::State, Done>;
    static constexpr std::size_t kMaxSpare = 1024;

    void push(Item item);
    bus::DoneHandler hop(bus::DoneHandler done);

    const std::unique_ptr<bus::Bus> bus_;
    const std::function<void()> wake_;
    Stats& stats_;
    Handlers handlers_;  // constant after start()
    bool connected_ = false;
    bool stopped_ = false;
    std::vector<Item> spare_;  // empty

    std::mutex mutex_;
    std::vector<Item> inbox_;             // guarded by mutex_
    std::size_t inboxBytes_ = 0;          // guarded by mutex_
    std::atomic<std::uint64_t> full_{0};  // messages dropped on the bus's thread
    std::uint64_t fullReported_ = 0;
};

}  // namespace parlor::gateway
