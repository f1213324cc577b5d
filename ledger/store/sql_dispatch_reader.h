#pragma once

#include <string_view>

#include "ledger/store/dispatch_reader.h"
#include "ledger/store/sql_connection.h"

namespace parlor::ledger {

class SqlDispatchReader final : public DispatchReader {
 public:
    explicit SqlDispatchReader(SqlDatabase& database) : connection_(database, SessionUse::read) {}

    Expected<std::vector<ConversationId>> queue(const SiteId& site, const DepartmentId& department,
                                                std::uint32_t limit) override;
    Expected<std::vector<Conversation>> unoffered(const SiteId& site,
                                                  const DepartmentId& department,
                                                  std::uint32_t limit) override;
    Expected<std::vector<Conversation>> offered(const SiteId& site) override;
    Expected<std::vector<Conversation>> heldBy(const AgentKey& agent) override;
    Expected<std::vector<Conversation>> silent(const SiteId& site, const DepartmentId& department,
                                               std::int64_t spokenBeforeMs,
                                               std::uint32_t limit) override;
    Expected<Loads> loads(std::span<const AgentKey> agents) override;
    Expected<std::optional<AgentId>> lastServed(const SiteId& site,
                                                const std::string& email) override;

 private:
    template <class... In>
    Expected<std::vector<Conversation>> rows(std::string_view statement,
                                             const std::tuple<In...>& in);
    // Runs `work(session)`, once more on a new session where the old one turned out broken.
    template <class Work>
    auto read(Work&& work) -> Expected<decltype(work(std::declval<SqlSession&>()))>;

    SqlConnection connection_;
};

}  // namespace parlor::ledger
