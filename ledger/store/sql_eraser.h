#pragma once

#include "ledger/store/eraser.h"
#include "ledger/store/sql_connection.h"

namespace parlor::ledger {

class SqlEraser final : public Eraser {
 public:
    explicit SqlEraser(SqlDatabase& database) : connection_(database, SessionUse::write) {}

    Expected<Erased> erase(const SiteId& site, const ConversationId& conversation,
                           const Strip& strip, const Terms& terms, const Deed& deed) override;
    Expected<std::uint64_t> left(const SiteId& site, const ConversationId& conversation,
                                 const Strip& strip, const Erased* erased) override;
    Expected<std::vector<ClosedConversation>> closedBefore(std::int64_t ms,
                                                           std::uint32_t limit) override;
    Expected<void> remove(const ClosedConversation& conversation, const Terms& terms) override;
    Expected<void> forgetRefusals(std::int64_t beforeMs) override;

 private:
    SqlConnection connection_;
};

}  // namespace parlor::ledger
