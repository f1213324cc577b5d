#include "gateway/mailbox/event_ring.h"

#include <algorithm>

namespace parlor::gateway {

std::span<const EventRef> EventRing::after(std::uint64_t seq) const {
    const auto all = held();
    return all.last(std::min<std::uint64_t>(last_ - seq, all.size()));
}

void EventRing::append(EventRef event) {
    last_ = event->seq;
    bytes_ += event->json.size();
    if (first_ == kMaxEvents) closeUp();
    events_.push_back(std::move(event));
    trim();
}

void EventRing::prepend(std::span<const EventRef> events) {
    closeUp();
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
    first_ = 0;
    bytes_ = 0;
    last_ = last;
}

void EventRing::trim() {
    const auto count = [this] { return events_.size() - first_; };
    while (count() > kMaxEvents || (bytes_ > kMaxBytes && count() > 1)) {
        bytes_ -= events_[first_]->json.size();
        events_[first_++].reset();
    }
}

void EventRing::closeUp() {
    events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
}

}  // namespace parlor::gateway
