#include "ledger/store/sql_dispatch_reader.h"

#include "ledger/store/sql_loads.h"
#include "ledger/store/sql_rows.h"

namespace parlor::ledger {

template <class Work>
auto SqlDispatchReader::read(Work&& work) -> Expected<decltype(work(std::declval<SqlSession&>()))> {
    for (int attempt = 1;; ++attempt) {
        auto done = connection_.attempt(work);
        if (done) return std::move(*done);
        const SqlFailure& failure = done.error();
        if (failure.kind == SqlFailure::Kind::refused || attempt == 2) return failure.error;
    }
}

template <class... In>
Expected<std::vector<Conversation>> SqlDispatchReader::rows(std::string_view statement,
                                                            const std::tuple<In...>& in) {
    return read([&](SqlSession& session) {
        ConversationRows found;
        session.runOnce(statement, in, found.all());
        return found.rows();
    });
}

Expected<std::vector<ConversationId>> SqlDispatchReader::queue(const SiteId& site,
                                                               const DepartmentId& department,
                                                               std::uint32_t limit) {
    return read([&](SqlSession& session) {
        Texts ids;
        session.runOnce("select_queue",
                        std::tuple(site.str(), department.str(), static_cast<Poco::Int64>(limit)),
                        std::tie(ids));
        std::vector<ConversationId> queue;
        queue.reserve(ids.size());
        for (const auto& id : ids) queue.push_back(toId<ConversationId>(id));
        return queue;
    });
}

Expected<std::vector<Conversation>> SqlDispatchReader::unoffered(const SiteId& site,
                                                                 const DepartmentId& department,
                                                                 std::uint32_t limit) {
    return rows("select_unoffered",
                std::tuple(site.str(), department.str(), static_cast<Poco::Int64>(limit)));
}

Expected<std::vector<Conversation>> SqlDispatchReader::offered(const SiteId& site) {
    return rows("select_offered", std::tuple(site.str()));
}

Expected<std::vector<Conversation>> SqlDispatchReader::heldBy(const AgentKey& agent) {
    return rows("select_held", std::tuple(agent.site.str(), agent.agent.str()));
}

Expected<std::vector<Conversation>> SqlDispatchReader::silent(const SiteId& site,
                                                              const DepartmentId& department,
                                                              std::int64_t spokenBeforeMs,
                                                              std::uint32_t limit) {
    return rows("select_silent",
                std::tuple(site.str(), department.str(), static_cast<Poco::Int64>(spokenBeforeMs),
                           static_cast<Poco::Int64>(limit)));
}

Expected<Loads> SqlDispatchReader::loads(std::span<const AgentKey> agents) {
    return read([&](SqlSession& session) { return readLoads(session, agents); });
}

Expected<std::optional<AgentId>> SqlDispatchReader::lastServed(const SiteId& site,
                                                               const std::string& email) {
    return read([&](SqlSession& session) -> std::optional<AgentId> {
        Texts agent;
        session.runOnce("select_last_served", std::tuple(site.str(), email), std::tie(agent));
        if (agent.empty()) return std::nullopt;
        return toId<AgentId>(agent.front());
    });
}

}  // namespace parlor::ledger
