#include "ledger/store/sql_conversations.h"

#include <algorithm>

namespace parlor::ledger {

std::vector<Conversation> loadConversations(SqlSession& session, Texts ids) {
    ConversationRows found;
    session.runRowsAtLeastOnce("select_conversations", std::tie(ids), found.all());
    auto rows = found.rows();
    const auto id = [](const Conversation& row) -> const auto& { return row.id; };
    std::ranges::sort(rows, {}, id);
    const auto again = std::ranges::unique(rows, {}, id);
    rows.erase(again.begin(), again.end());
    return rows;
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
