#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include "ledger/announce/announcer.h"
#include "ledger/store/dispatch_reader.h"

namespace parlor::ledger {

// Tells visitors who wait what their place is. One thread. The announcer must outlive it.
class QueuePositions {
 public:
    QueuePositions(std::unique_ptr<DispatchReader> reader, Announcer& announcer)
        : reader_(std::move(reader)), announcer_(announcer) {}

    // So many of a queue are told at once when it changes, and so many when all are.
    static constexpr std::uint32_t kFirst = 200;
    static constexpr std::uint32_t kMost = 5000;

    // Tells those of a department's queue for whom something has changed since the last call; or
    // all, for whoever has come to listen since. `waitS`: how long the last of them has to wait, 0
    // for not known. How many wait, as far as they were looked at.
    Expected<std::size_t> tell(const SiteId& site, const DepartmentId& department,
                               std::uint32_t waitS, bool all);

 private:
    // Position and seconds.
    using Told = std::pair<std::uint32_t, std::uint32_t>;
    struct Queue {
        std::uint32_t length = 0;
        std::unordered_map<ConversationId, Told> told;
    };

    const std::unique_ptr<DispatchReader> reader_;
    Announcer& announcer_;
    std::map<std::pair<SiteId, DepartmentId>, Queue> queues_;
};

}  // namespace parlor::ledger
