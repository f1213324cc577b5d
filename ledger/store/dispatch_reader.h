#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/store/loads.h"
#include "ledger/store/records.h"
#include "proto/errors.h"

namespace parlor::ledger {

// What dispatch asks of what is committed. Failures as in store.h. Belongs to one thread at a time.
class DispatchReader {
 public:
    virtual ~DispatchReader() = default;

    // A department's queue, in its order: priority, then time.
    virtual Expected<std::vector<ConversationId>> queue(const SiteId& site,
                                                        const DepartmentId& department,
                                                        std::uint32_t limit) = 0;
    // Those in it that are offered to nobody.
    virtual Expected<std::vector<Conversation>> unoffered(const SiteId& site,
                                                          const DepartmentId& department,
                                                          std::uint32_t limit) = 0;
    virtual Expected<std::vector<Conversation>> offered(const SiteId& site) = 0;
    virtual Expected<std::vector<Conversation>> heldBy(const AgentKey& agent) = 0;
    // Held conversations in which nobody has spoken later than that, the longest silent first.
    virtual Expected<std::vector<Conversation>> silent(const SiteId& site,
                                                       const DepartmentId& department,
                                                       std::int64_t spokenBeforeMs,
                                                       std::uint32_t limit) = 0;
    virtual Expected<Loads> loads(std::span<const AgentKey> agents) = 0;
    // Who served a visitor of that e-mail address last.
    virtual Expected<std::optional<AgentId>> lastServed(const SiteId& site,
                                                        const std::string& email) = 0;
};

}  // namespace parlor::ledger
