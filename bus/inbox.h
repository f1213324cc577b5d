#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "bus/bus.h"

namespace parlor::bus {

// What other threads ask of the one thread that owns an adapter's state. Taking all at once makes
// one lock serve many events when there is much to do.
template <class Event>
class Inbox {
 public:
    // Any thread. False after close(): the event was left where it is.
    bool push(Event&& event) {
        {
            const std::lock_guard lock(mutex_);
            if (closed_) return false;
            events_.push_back(std::move(event));
            if (events_.size() > 1) return true;  // the owner has been woken already
        }
        ready_.notify_one();
        return true;
    }

    // The owner: waits for events, at most until `limit` (nothing: without limit), and moves them
    // into `out`, which is emptied first.
    void take(std::vector<Event>& out, std::optional<Deadline> limit) {
        out.clear();
        std::unique_lock lock(mutex_);
        const auto ready = [this] { return !events_.empty(); };
        if (limit) {
            ready_.wait_until(lock, *limit, ready);
        } else {
            ready_.wait(lock, ready);
        }
        out.swap(events_);
    }

    // The owner, at its end: refuses events from now on, and gives those that are still there.
    std::vector<Event> close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        return std::exchange(events_, {});
    }

 private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::vector<Event> events_;  // guarded by mutex_
    bool closed_ = false;        // guarded by mutex_
};

}  // namespace parlor::bus
