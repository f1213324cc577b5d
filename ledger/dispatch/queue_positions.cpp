#include "ledger/dispatch/queue_positions.h"

namespace parlor::ledger {
namespace {

constexpr std::uint32_t kMostTold = 200;

}  // namespace

Expected<std::size_t> QueuePositions::tell(const SiteId& site, const DepartmentId& department,
                                           std::uint32_t waitS, bool all) {
    const auto rows = reader_->waiting(site, department, kMostTold, /*unoffered=*/false);
    if (!rows) return rows.error();
    std::unordered_map<ConversationId, Told> now;
    std::uint32_t position = 0;
    for (const auto& row : *rows) {
        ++position;
        const Told told{position, waitS * position / static_cast<std::uint32_t>(rows->size())};
        now.emplace(row.id, told);
    }
    auto& before = told_[{site, department}];
    for (const auto& [id, told] : now) {
        const auto known = before.find(id);
        if (!all && known != before.end() && known->second == told) continue;
        v1::QueuePosition message;
        message.set_position(told.first);
        message.set_expected_wait_s(told.second);
        announcer_.position(site, id, message);
    }
    before = std::move(now);
    if (before.empty()) told_.erase({site, department});
    return rows->size();
}

}  // namespace parlor::ledger
