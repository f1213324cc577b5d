#pragma once

#include <cstdint>

#include "ledger/store/sql_session.h"

namespace parlor::ledger {

// The generation of the record: raised when the database was restored from a backup. May throw
// Poco::Exception, as the session does.
std::uint32_t readEpoch(SqlSession& session);

// Applies what is missing of catalog.migrations(), one replica at a time. Where the database
// commits a change of the schema by itself (MySQL), a migration that was interrupted runs again
// from its first statement: each statement must bear that. Throws Poco::Exception; an
// IllegalStateException where the schema is newer than this program.
void applyMigrations(SqlSession& session, const SqlCatalog& catalog);

}  // namespace parlor::ledger
