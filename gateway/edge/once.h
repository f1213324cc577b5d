#pragma once

// One value on its way from a callback to the coroutine that waits for it.

#include <memory>
#include <optional>

#include "gateway/edge/net.h"
#include "gateway/mailbox/timer_wheel.h"

namespace parlor::gateway {

// Shared by the callback and the coroutine, whichever lives longer. Shard's thread only.
template <class T>
class Once {
 public:
    static std::shared_ptr<Once> make(asio::io_context& io) {
        return std::shared_ptr<Once>(new Once(io));
    }

    // The first value counts. The coroutine goes on later, not from within.
    void set(T value) {
        if (value_) return;
        value_.emplace(std::move(value));
        timer_.cancel();
    }
    // The value, or nothing when `limit` has passed. One coroutine may wait, again and again.
    Awaitable<std::optional<T>> wait(Duration limit) {
        if (!value_) {
            timer_.expires_after(limit);
            co_await timer_.async_wait(kAwait);
        }
        co_return value_;
    }

 private:
    using WaitTimer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
    explicit Once(asio::io_context& io) : timer_(io.get_executor()) {}

    WaitTimer timer_;
    std::optional<T> value_;
};

}  // namespace parlor::gateway
