#pragma once

#include <cstdint>
#include <string>

#include "ledger/store/sql_session.h"

namespace parlor::ledger {

// The generation of the record: raised when the database was restored from a backup. May throw
// Poco::Exception, as the session does.
std::uint32_t readEpoch(SqlSession& session);

// Throws Poco::IllegalStateException where a server of MySQL's kind, by its own word on its
// version, is not MariaDB: it would stumble over the first statement that only MariaDB knows.
void requireMariadb(const std::string& version);

// Applies what is missing of catalog.migrations(), one replica at a time. Where the database
// commits a change of the schema by itself (MySQL), a migration that was interrupted runs again
// from its first statement: each statement must bear that. Throws Poco::Exception; an
// IllegalStateException where the schema is newer than this program, or the server is MySQL.
void applyMigrations(SqlSession& session, const SqlCatalog& catalog);

}  // namespace parlor::ledger
