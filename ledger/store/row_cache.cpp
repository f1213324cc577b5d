#include "ledger/store/row_cache.h"

namespace parlor::ledger {
namespace {

constexpr std::size_t kMostRows = 20'000;

}  // namespace

RowCache::Rows RowCache::find(std::uint32_t epoch, std::span<const ConversationId> ids) {
    Rows found;
    const std::scoped_lock lock(mutex_);
    if (epoch != epoch_) rows_.clear();
    epoch_ = epoch;
    for (const auto& id : ids) {
        const auto row = rows_.find(id);
        if (row != rows_.end()) found.insert(*row);
    }
    return found;
}

void RowCache::put(std::uint32_t epoch,
                   std::initializer_list<const std::vector<const Conversation*>*> lists) {
    const std::scoped_lock lock(mutex_);
    if (epoch != epoch_) return;
    if (rows_.size() > kMostRows) rows_.clear();
    for (const auto* rows : lists) {
        for (const Conversation* row : *rows) rows_.insert_or_assign(row->id, *row);
    }
}

void RowCache::clear() {
    const std::scoped_lock lock(mutex_);
    rows_.clear();
}

}  // namespace parlor::ledger
