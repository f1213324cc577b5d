#include "ledger/intake/recorded_queue.h"

#include <utility>

namespace parlor::ledger {

RecordedQueue::Turn RecordedQueue::begin() {
    const std::scoped_lock lock(mutex_);
    underWay_.insert(++newest_);
    return newest_;
}

void RecordedQueue::end(Turn turn) {
    {
        const std::scoped_lock lock(mutex_);
        underWay_.erase(turn);
        woken_ = true;
    }
    changed_.notify_one();
}

void RecordedQueue::push(Recorded recorded) {
    {
        std::unique_lock lock(mutex_);
        hasRoom_.wait(lock, [&] { return waiting_.size() < room_; });
        waiting_.push_back(std::move(recorded));
    }
    changed_.notify_one();
}

RecordedQueue::Recorded RecordedQueue::take(bus::Deadline until) {
    Recorded taken;
    {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, until, [&] { return !waiting_.empty() || woken_; });
        woken_ = false;
        if (waiting_.empty()) return taken;
        taken = std::move(waiting_.front());
        waiting_.pop_front();
    }
    hasRoom_.notify_one();
    return taken;
}

void RecordedQueue::wake() {
    {
        const std::scoped_lock lock(mutex_);
        woken_ = true;
    }
    changed_.notify_one();
}

void RecordedQueue::close() {
    {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
        woken_ = true;
    }
    changed_.notify_one();
}

bool RecordedQueue::finished() const {
    const std::scoped_lock lock(mutex_);
    return closed_ && waiting_.empty();
}

RecordedQueue::Turn RecordedQueue::newest() const {
    const std::scoped_lock lock(mutex_);
    return newest_;
}

bool RecordedQueue::isOver(Turn turn) const {
    const std::scoped_lock lock(mutex_);
    return underWay_.empty() || *underWay_.begin() > turn;
}

}  // namespace parlor::ledger
