#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace parlor::bus {

// What other threads ask of the one thread that owns an adapter's state. Taking all at once makes
// one lock and one wake-up serve many events when there is much to do.
template <class Event>
class Inbox {
 public:
    // `wake` is called, on the thread that pushes, when there is something to take() again.
    explicit Inbox(std::function<void()> wake) : wake_(std::move(wake)) {}

    // Any thread. False after close(): the event was left where it is.
    bool push(Event&& event) {
        {
            const std::lock_guard lock(mutex_);
            if (closed_) return false;
            events_.push_back(std::move(event));
            if (events_.size() > 1) return true;  // the owner has been woken already
        }
        wake_();
        return true;
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
    const std::function<void()> wake_;
    std::mutex mutex_;
    std::vector<Event> events_;  // guarded by mutex_
    bool closed_ = false;        // guarded by mutex_
};

}  // namespace parlor::bus
