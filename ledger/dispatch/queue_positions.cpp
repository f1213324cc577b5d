#include "ledger/dispatch/queue_positions.h"

#include <algorithm>

namespace parlor::ledger {

Expected<std::size_t> QueuePositions::tell(const SiteId& site, const DepartmentId& department,
                                           std::uint32_t waitS, bool all) {
    const std::uint32_t limit = all ? kMost : kFirst;
    const auto ids = reader_->queue(site, department, limit);
    if (!ids) return ids.error();
    if (ids->empty()) {
        queues_.erase({site, department});
        return 0U;
    }
    auto& queue = queues_[{site, department}];
    const auto seen = static_cast<std::uint32_t>(ids->size());
    // Those further back are as they were when they were looked at.
    const bool isWhole = all || seen < limit;
    queue.length = isWhole ? seen : std::max(seen, queue.length);
    std::unordered_map<ConversationId, Told> now;
    std::uint32_t position = 0;
    for (const auto& id : *ids) {
        ++position;
        const auto wait = std::uint64_t{waitS} * position / queue.length;
        const Told told{position, static_cast<std::uint32_t>(wait)};
        now.emplace(id, told);
        const auto known = queue.told.find(id);
        if (!all && known != queue.told.end() && known->second == told) continue;
        v1::QueuePosition message;
        message.set_position(told.first);
        message.set_expected_wait_s(told.second);
        announcer_.position(site, id, message);
    }
    if (!isWhole) now.merge(queue.told);
    queue.told = std::move(now);
    return ids->size();
}

}  // namespace parlor::ledger
