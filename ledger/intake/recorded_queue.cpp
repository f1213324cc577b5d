#include "ledger/intake/recorded_queue.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace parlor::ledger {

RecordedQueue::Turn RecordedQueue::begin(std::vector<ConversationId> conversations) {
    const std::scoped_lock lock(mutex_);
    underWay_.emplace(++newest_, std::move(conversations));
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
    return underWay_.empty() || underWay_.begin()->first > turn;
}

std::vector<ConversationId> RecordedQueue::underWay(std::span<const ConversationId> of) const {
    const std::unordered_set<ConversationId> wanted(of.begin(), of.end());
    std::unordered_set<ConversationId> found;
    const std::scoped_lock lock(mutex_);
    for (const auto& [turn, conversations] : underWay_) {
        std::copy_if(conversations.begin(), conversations.end(), std::inserter(found, found.end()),
                     [&](const ConversationId& id) { return wanted.contains(id); });
    }
    return {found.begin(), found.end()};
}

}  // namespace parlor::ledger
