#pragma once

#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "ledger/store/records.h"

namespace parlor::ledger {

// Rows of conversations as writers of this process left them. They share it as long as none puts in
// a conversation that another is writing. Bounded in number: when it is full it starts anew.
// Thread-safe.
class RowCache {
 public:
    using Rows = std::unordered_map<ConversationId, Conversation>;

    // Copies of those that are there. Rows of another epoch are let go of: after a restore a row
    // may look as it did and have another past.
    Rows find(std::uint32_t epoch, std::span<const ConversationId> ids);
    // Not kept where another epoch has begun since they were found.
    void put(std::uint32_t epoch,
             std::initializer_list<const std::vector<const Conversation*>*> lists);
    void clear();

 private:
    std::mutex mutex_;
    Rows rows_;                // mutex_
    std::uint32_t epoch_ = 0;  // mutex_
};

}  // namespace parlor::ledger
