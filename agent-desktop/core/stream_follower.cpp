#include "agent-desktop/core/stream_follower.h"

#include <utility>

namespace parlor::agent {

StreamFollower::Step StreamFollower::onEvent(v1::Event event) {
    Step step;
    if (epoch_ != 0 && event.epoch() != epoch_) {
        // The database was restored; or this is a stale retained event, which looks the same.
        // History alone knows which epoch is in force, and if it is the event's, brings the event.
        step.next = Next::askHistory;
        return step;
    }
    if (event.seq() <= seq_) return step;
    if (event.seq() == seq_ + 1 || ahead_.size() < kMaxAhead) {
        const std::uint64_t seq = event.seq();
        ahead_.emplace(seq, std::move(event));
    }
    if (epoch_ == 0) return step;
    drain(step);
    if (hasGap()) step.next = Next::waitForGap;
    return step;
}

StreamFollower::Step StreamFollower::onHistory(const v1::HistoryResponse& history,
                                               std::uint64_t after) {
    Step step;
    if (history.epoch() != epoch_) {
        step.restarted = seq_ > 0;
        epoch_ = history.epoch();
        seq_ = 0;
        std::erase_if(ahead_, [this](const auto& entry) { return entry.second.epoch() != epoch_; });
        if (after > 0) {
            // The answer continues a record that is no longer in force.
            step.next = Next::askHistory;
            return step;
        }
    }
    const std::uint64_t before = seq_;
    // What was recorded before a restore keeps the epoch of its day: that history gives it is
    // enough.
    for (const auto& event : history.events()) {
        if (event.seq() > seq_) ahead_.insert_or_assign(event.seq(), event);
    }
    drain(step);
    if (seq_ < history.head_seq()) {
        step.next = seq_ > before ? Next::askHistory : Next::retryHistory;
    } else if (hasGap()) {
        step.next = Next::waitForGap;
    }
    return step;
}

void StreamFollower::drain(Step& step) {
    for (auto at = ahead_.begin(); at != ahead_.end() && at->first <= seq_ + 1;) {
        if (at->first == seq_ + 1) {
            seq_ = at->first;
            step.show.push_back(std::move(at->second));
        }
        at = ahead_.erase(at);
    }
}

}  // namespace parlor::agent
