#include "ledger/store/sql_loads.h"

#include <algorithm>
#include <vector>

#include "ledger/store/sql_rows.h"

namespace parlor::ledger {
namespace {

void add(SqlSession& session, std::string_view statement, Texts& sites, Texts& agents,
         Loads& loads) {
    Texts site;
    Texts agent;
    Numbers count;
    session.runRows(statement, std::tie(sites, agents), std::tie(site, agent, count));
    for (std::size_t i = 0; i < count.size(); ++i) {
        loads[{toId<SiteId>(site[i]), toId<AgentId>(agent[i])}] +=
            static_cast<std::uint32_t>(count[i]);
    }
}

}  // namespace

Loads readLoads(SqlSession& session, std::span<const AgentKey> agents) {
    Loads loads;
    Texts sites;
    Texts names;
    for (const auto& key : agents) {
        loads[key] = 0;
        sites.push_back(key.site.str());
        names.push_back(key.agent.str());
    }
    // In this order: an offer that is accepted in between is counted twice rather than not at all.
    add(session, "count_offered", sites, names, loads);
    add(session, "count_held", sites, names, loads);
    return loads;
}

Loads lockLoads(SqlSession& session, Dialect dialect, std::span<const AgentKey> agents) {
    if (agents.empty()) return {};
    if (dialect != Dialect::sqlite) {
        // In one order by everybody, so that two replicas do not wait for each other.
        std::vector<AgentKey> sorted(agents.begin(), agents.end());
        std::sort(sorted.begin(), sorted.end());
        Texts sites;
        Texts names;
        for (const auto& key : sorted) {
            sites.push_back(key.site.str());
            names.push_back(key.agent.str());
        }
        session.runRows("lock_agents", std::tie(sites, names), std::tuple<>());
    }
    return readLoads(session, agents);
}

}  // namespace parlor::ledger
