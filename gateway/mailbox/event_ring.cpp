#include "gateway/mailbox/event_ring.h"

#include <algorithm>

namespace parlor::gateway {

std::span<const EventRef> EventRing::after(std::uint64_t seq) const {
    const std::size_t count = std::min<std::uint64_t>(last_ - seq, events_.size());
    return std::span(events_).last(count);
}

void EventRing::append(EventRef event) {
    last_ = event->seq;
    bytes_ += event->json.size();
    events_.push_back(std::move(event));
    trim();
}

void EventRing::prepend(std::span<const EventRef> events) {
    const std::uint64_t first = last_ - events_.size() + 1;
    auto end = std::find_if(events.begin(), events.end(),
                            [first](const EventRef& event) { return event->seq >= first; });
    auto begin = end;
    if (begin == events.begin() || (*(begin - 1))->seq + 1 != first) return;
    std::size_t room = kMaxEvents - std::min(kMaxEvents, events_.size());
    while (begin != events.begin() && room > 0) {
        const std::size_t bytes = (*(begin - 1))->json.size();
        if (bytes_ + bytes > kMaxBytes) break;
        bytes_ += bytes;
        --begin;
        --room;
    }
    events_.insert(events_.begin(), begin, end);
}

void EventRing::restart(std::uint64_t last) {
    events_.clear();
    bytes_ = 0;
    last_ = last;
}

void EventRing::trim() {
    std::size_t drop = 0;
    while (events_.size() - drop > kMaxEvents ||
           (bytes_ > kMaxBytes && events_.size() - drop > 1)) {
        bytes_ -= events_[drop]->json.size();
        ++drop;
    }
    events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(drop));
}

}  // namespace parlor::gateway
