#pragma once

// A shard's way to the bus: the shard's loop works the connection itself, so that nothing the
// broker says has to change threads.

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "bus/driven_bus.h"
#include "gateway/mailbox/stats.h"

namespace parlor::gateway {

// All methods belong to the shard's thread, and so do all handlers.
class ShardBus {
 public:
    struct Handlers {
        std::function<void(bus::Message&&)> onMessage;
        std::function<void(bus::State)> onState;
        // After all that one look at the connection brought.
        std::function<void()> onTurnEnd = {};
    };

    // Works in `io`'s loop, which must outlive it.
    ShardBus(boost::asio::io_context& io, std::unique_ptr<bus::DrivenBus> bus, Stats& stats);
    ~ShardBus();
    ShardBus(const ShardBus&) = delete;
    ShardBus& operator=(const ShardBus&) = delete;

    void start(Handlers handlers);
    // Waits for publications under way, at most until the deadline. Handlers that have not run by
    // then are forgotten. Idempotent.
    void stop(bus::Deadline deadline);

    bool connected() const { return connected_; }
    // Done-handlers may be null.
    void publish(bus::Message message, bus::DoneHandler done, bus::Deadline deadline);
    void subscribe(std::vector<std::string> filters, bus::DoneHandler done, bus::Deadline deadline);
    void unsubscribe(std::vector<std::string> filters, bus::Deadline deadline);

 private:
    using Executor = boost::asio::io_context::executor_type;

    void turn(bool readable, bool writable);
    void awaitBell();
    void watch();
    void awaitReadable();
    void awaitWritable();
    void awaitTime();
    void onState(bus::State state);
    bus::DoneHandler guarded(bus::DoneHandler done);

    using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;

    // An eventfd, because asio wakes its loop with the loop's lock held, which the loop then wants.
    Descriptor bell_;
    std::uint64_t rung_ = 0;
    const std::unique_ptr<bus::DrivenBus> bus_;
    Stats& stats_;
    Handlers handlers_;  // constant after start()
    bool connected_ = false;
    bool stopped_ = false;

    // A duplicate of the socket that is watched: its library may close its own, and the number be
    // taken by another, before the loop hears of it.
    Descriptor descriptor_;
    bus::DrivenBus::Socket watched_;
    bool reading_ = false;
    bool writing_ = false;
    boost::asio::basic_waitable_timer<bus::Clock, boost::asio::wait_traits<bus::Clock>, Executor>
        timer_;
    bus::Deadline wakesAt_ = bus::Deadline::max();  // when timer_ fires
};

}  // namespace parlor::gateway
