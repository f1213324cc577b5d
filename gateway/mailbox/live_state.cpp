#include "gateway/mailbox/live_state.h"

#include <algorithm>

namespace parlor::gateway {

bool sameKind(const LiveSignal& a, const LiveSignal& b) {
    return a.party == b.party && a.live.body_case() == b.live.body_case();
}

bool isOutdated(const LiveSignal& signal, const LiveSignal& known) {
    return signal.live.has_read() && signal.live.read().seq() <= known.live.read().seq();
}

void LiveState::apply(LiveSignalRef signal, std::int64_t nowMs) {
    const auto same = [&](const Item& item) { return sameKind(*item.signal, *signal); };
    const auto known = std::find_if(items_.begin(), items_.end(), same);
    if (known != items_.end()) {
        if (isOutdated(*signal, *known->signal)) return;
        items_.erase(known);
    }
    changed(nowMs);
    if (signal->live.has_typing() && !signal->live.typing().active()) return;
    items_.push_back({std::move(signal), nowMs});
    if (items_.size() > kMaxItems) items_.erase(items_.begin());
}

void LiveState::forgetQueuePosition(std::int64_t nowMs) {
    const auto waits = [](const Item& item) { return item.signal->live.has_queue_position(); };
    if (std::erase_if(items_, waits) > 0) changed(nowMs);
}

void LiveState::changed(std::int64_t nowMs) { changedAtMs_ = std::max(changedAtMs_ + 1, nowMs); }

std::vector<LiveSignalRef> LiveState::current(std::int64_t nowMs) const {
    std::vector<LiveSignalRef> signals;
    for (const Item& item : items_) {
        const bool over = item.signal->live.has_typing() && nowMs - item.atMs >= kTypingLifeMs;
        if (!over) signals.push_back(item.signal);
    }
    return signals;
}

std::string LiveState::members(std::int64_t nowMs) const {
    std::string out = R"("live":[)";
    for (const LiveSignalRef& signal : current(nowMs)) {
        if (out.back() != '[') out += ',';
        out += '{' + signal->members + '}';
    }
    return out + R"(],"live_at":)" + std::to_string(changedAtMs_);
}

}  // namespace parlor::gateway
