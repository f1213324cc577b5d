#include "gateway/mailbox/timer_wheel.h"

#include <algorithm>

namespace parlor::gateway {

TimerWheel::TimerWheel(Now now) : now_(std::move(now)), start_(now_()) {}

void TimerWheel::arm(Timer& timer, Time deadline) {
    timer.unlink();
    timer.deadline_ = deadline;
    // One tick later than the deadline's own, so that it has passed when its slot is visited.
    const std::int64_t tick = std::max(tickOf(deadline) + 1, tick_);
    slots_[static_cast<std::size_t>(tick) % kSlots].push_back(timer);
}

void TimerWheel::advance() {
    const Time now = now_();
    const std::int64_t current = tickOf(now);
    // After a long pause one visit to each slot is enough.
    tick_ = std::max(tick_, current - static_cast<std::int64_t>(kSlots) + 1);
    while (tick_ <= current) {
        Slot& slot = slots_[static_cast<std::size_t>(tick_) % kSlots];
        // Past this slot before its timers run: what they arm for "now" goes to the next visit.
        ++tick_;
        fireDue(slot, now);
    }
}

void TimerWheel::fireDue(Slot& slot, Time now) {
    Slot due;
    for (auto it = slot.begin(); it != slot.end();) {
        Timer& timer = *it++;
        if (timer.deadline_ > now) continue;  // of a later round
        timer.unlink();
        due.push_back(timer);
    }
    while (!due.empty()) {
        Timer& timer = due.front();
        due.pop_front();
        timer.onExpiry_();
    }
}

}  // namespace parlor::gateway
