#pragma once

#include "ledger/store/sql_connection.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

class SqlReader final : public Reader {
 public:
    explicit SqlReader(SqlDatabase& database) : connection_(database, SessionUse::read) {}

    Expected<HistoryPage> history(const HistoryQuery& query) override;
    Expected<Outcome> outcome(const SiteId& site, const DraftKey& key) override;
    Expected<std::uint32_t> epoch() override;
    Expected<std::vector<Conversation>> conversations(std::span<const ConversationId> ids) override;
    Expected<std::vector<Standing>> standings(std::span<const ConversationId> ids) override;
    Expected<std::vector<Conversation>> all(ConversationId after, std::uint32_t limit) override;
    Expected<std::vector<Conversation>> open(ConversationId after, std::uint32_t limit) override;
    Expected<std::vector<Conversation>> closedSince(std::int64_t sinceMs, ConversationId after,
                                                    std::uint32_t limit) override;
    Expected<std::vector<HeadEvent>> heads(std::span<const Conversation> of) override;
    Expected<std::vector<QueueLength>> queues() override;

 private:
    Expected<std::vector<Conversation>> page(std::string_view statement, ConversationId after,
                                             std::uint32_t limit);
    // Runs `work(session)`, once more on a new session where the old one turned out broken.
    template <class Work>
    auto read(Work&& work) -> Expected<decltype(work(std::declval<SqlSession&>()))>;

    SqlConnection connection_;
};

}  // namespace parlor::ledger
