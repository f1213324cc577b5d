#include "ledger/store/sql_conversations.h"

#include <algorithm>

namespace parlor::ledger {
namespace {

template <class Row>
std::vector<Row> eachOnce(std::vector<Row> rows) {
    std::ranges::sort(rows, {}, &Row::id);
    const auto again = std::ranges::unique(rows, {}, &Row::id);
    rows.erase(again.begin(), again.end());
    return rows;
}

}  // namespace

std::vector<Conversation> loadConversations(SqlSession& session, Texts ids) {
    ConversationRows found;
    session.runRowsAtLeastOnce("select_conversations", std::tie(ids), found.all());
    return eachOnce(found.rows());
}

std::vector<Standing> loadStandings(SqlSession& session, Texts ids) {
    StandingColumns found;
    session.runRowsAtLeastOnce("select_standings", std::tie(ids), found.all());
    return eachOnce(found.rows());
}

MarkColumns lockConversations(SqlSession& session, Texts ids) {
    std::sort(ids.begin(), ids.end());
    MarkColumns marks;
    session.runRowsAtLeastOnce("lock_heads", std::tie(ids), marks.all());
    return marks;
}

std::optional<Conversation> lockConversation(SqlSession& session, const SiteId& site,
                                             const std::string& id) {
    lockConversations(session, {id});
    auto rows = loadConversations(session, {id});
    if (rows.empty() || rows.front().site != site) return std::nullopt;
    return std::move(rows.front());
}

}  // namespace parlor::ledger
