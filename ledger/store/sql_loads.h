#pragma once

#include <span>

#include "ledger/store/loads.h"
#include "ledger/store/sql_session.h"

namespace parlor::ledger {

// Counts what the agents have. Throws Poco::Exception, as the session does.
Loads readLoads(SqlSession& session, std::span<const AgentKey> agents);

// The same inside a writing transaction: until its end nobody else can give them anything. Other
// replicas wait; an embedded database has none.
Loads lockLoads(SqlSession& session, Dialect dialect, std::span<const AgentKey> agents);

}  // namespace parlor::ledger
