#pragma once

#include "ledger/store/archive.h"
#include "ledger/store/sql_connection.h"
#include "ledger/store/sql_rows.h"

namespace parlor::ledger {

// The digests table.
struct DigestColumns {
    Texts conversation, department, agent;
    Numbers openedAt, assignedAt, respondedAt, closedAt, visitorMessages, agentMessages, score,
        sharedSeq, staffSeq, indexedSharedSeq, indexedStaffSeq;

    void add(const Digest& digest);
    // Throws Poco::DataFormatException where the table holds what it should not.
    std::vector<Digest> rows() const;
    auto all() {
        return std::tie(conversation, department, agent, openedAt, assignedAt, respondedAt,
                        closedAt, visitorMessages, agentMessages, score, sharedSeq, staffSeq,
                        indexedSharedSeq, indexedStaffSeq);
    }
};

class SqlArchive final : public Archive {
 public:
    explicit SqlArchive(SqlDatabase& database) : connection_(database, SessionUse::read) {}

    Expected<std::vector<ListedConversation>> list(const ListQuery& query) override;
    Expected<std::vector<Digest>> digests(const SiteId& site, std::int64_t fromMs,
                                          std::int64_t untilMs, ConversationId after,
                                          std::uint32_t limit) override;

 private:
    SqlConnection connection_;
};

}  // namespace parlor::ledger
