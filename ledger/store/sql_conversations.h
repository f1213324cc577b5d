#pragma once

// Conversations' rows, in a transaction or not. All may throw Poco::Exception.

#include <optional>
#include <vector>

#include "ledger/store/sql_rows.h"
#include "ledger/store/sql_session.h"

namespace parlor::ledger {

// Those that exist, in no order.
std::vector<Conversation> loadConversations(SqlSession& session, Texts ids);

// How those stand that exist, in no order.
std::vector<Standing> loadStandings(SqlSession& session, Texts ids);

// Locks those that exist, in one order by everybody, so that two replicas do not wait for each
// other.
MarkColumns lockConversations(SqlSession& session, Texts ids);

// The conversation as it is under its lock. Nothing where the site has none of that id.
std::optional<Conversation> lockConversation(SqlSession& session, const SiteId& site,
                                             const std::string& id);

}  // namespace parlor::ledger
