#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "bus/bus.h"

namespace parlor::bus {

// What other threads ask of the one thread that owns an adapter's state, which waits for them and
// for its socket. Taking all at once makes one lock serve many events when there is much to do.
template <class Event>
class Inbox {
 public:
    struct Ready {
        bool readable = false;
        bool writable = false;
    };

    // Throws std::system_error.
    Inbox() : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    ~Inbox() { ::close(wake_); }
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

    // Any thread. False after close(): the event was left where it is.
    bool push(Event&& event) {
        {
            const std::lock_guard lock(mutex_);
            if (closed_) return false;
            events_.push_back(std::move(event));
            if (events_.size() > 1) return true;  // the owner has been woken already
        }
        const std::uint64_t one = 1;
        (void)!::write(wake_, &one, sizeof one);
        return true;
    }

    // The owner: waits for events, or for its socket (-1: none), at most until `limit` (nothing:
    // without limit).
    Ready wait(int socket, bool toWrite, std::optional<Deadline> limit) {
        std::array<pollfd, 2> polled{
            {{.fd = wake_, .events = POLLIN, .revents = 0},
             {.fd = socket,
              .events = static_cast<short>(toWrite ? POLLIN | POLLOUT : POLLIN),
              .revents = 0}}};
        if (::poll(polled.data(), polled.size(), timeoutOf(limit)) <= 0) return {};
        if (polled[0].revents != 0) {
            std::uint64_t count = 0;
            (void)!::read(wake_, &count, sizeof count);
        }
        return {.readable = (polled[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0,
                .writable = (polled[1].revents & POLLOUT) != 0};
    }

    // The owner: moves the events into `out`, which is emptied first.
    void take(std::vector<Event>& out) {
        out.clear();
        const std::lock_guard lock(mutex_);
        out.swap(events_);
    }

    // The owner, at its end: refuses events from now on, and gives those that are still there.
    std::vector<Event> close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        return std::exchange(events_, {});
    }

 private:
    // Milliseconds for poll(2), rounded up so that the limit has passed when it returns.
    static int timeoutOf(std::optional<Deadline> limit) {
        if (!limit) return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*limit - Clock::now());
        return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
    }

    const int wake_;  // an eventfd: readable when events_ became non-empty
    std::mutex mutex_;
    std::vector<Event> events_;  // guarded by mutex_
    bool closed_ = false;        // guarded by mutex_
};

}  // namespace parlor::bus
