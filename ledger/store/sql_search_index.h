#pragma once

#include <unordered_map>

#include "ledger/store/search_index.h"
#include "ledger/store/sql_connection.h"
#include "ledger/store/sql_rows.h"

namespace parlor::ledger {

// The digests of these conversations (sites and ids, alike in length), locked until the end of the
// transaction and made where they are missing: whoever follows a conversation, or takes away from
// what was made of it, waits for the others. Two that make one at once conflict. May throw
// Poco::Exception.
std::unordered_map<ConversationId, Digest> lockDigests(SqlSession& session, Texts sites,
                                                       Texts conversations);

class SqlSearchIndex final : public SearchIndex {
 public:
    explicit SqlSearchIndex(SqlDatabase& database)
        : database_(database),
          reading_(database, SessionUse::read),
          writing_(database, SessionUse::follow) {}

    Expected<BehindPage> behind(ConversationId after, std::uint32_t limit) override;
    Expected<Advanced> advance(std::span<const ConversationId> conversations, std::uint32_t limit,
                               const Follow& follow) override;
    Expected<void> empty() override;
    Expected<std::vector<DocumentId>> postings(const SiteId& site, const std::string& term,
                                               DocumentId before, std::uint32_t limit) override;
    Expected<std::vector<FoundEvent>> events(std::span<const DocumentId> documents) override;

 private:
    SqlDatabase& database_;
    SqlConnection reading_;
    SqlConnection writing_;
};

}  // namespace parlor::ledger
