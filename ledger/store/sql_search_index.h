#pragma once

#include "ledger/store/search_index.h"
#include "ledger/store/sql_connection.h"

namespace parlor::ledger {

// The conversation's digest, locked until the end of the transaction and made where it is missing:
// whoever follows the conversation, or takes away from what was made of it, waits for the others.
// Two that make it at once conflict. May throw Poco::Exception.
Digest lockDigest(SqlSession& session, const std::string& site, const ConversationId& conversation);

class SqlSearchIndex final : public SearchIndex {
 public:
    explicit SqlSearchIndex(SqlDatabase& database)
        : reading_(database, SessionUse::read), writing_(database, SessionUse::follow) {}

    Expected<BehindPage> behind(ConversationId after, std::uint32_t limit) override;
    Expected<std::uint32_t> advance(const ConversationId& conversation, std::uint32_t limit,
                                    const Follow& follow) override;
    Expected<std::vector<DocumentId>> postings(const SiteId& site, const std::string& term,
                                               DocumentId before, std::uint32_t limit) override;
    Expected<std::vector<FoundEvent>> events(std::span<const DocumentId> documents) override;

 private:
    SqlConnection reading_;
    SqlConnection writing_;
};

}  // namespace parlor::ledger
