#pragma once

// What is done to the record without a ledger running it: by parlor-ledger's options and by
// parlor-admin's commands alike.

#include <Poco/Util/AbstractConfiguration.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/search/reindex.h"
#include "ledger/store/database_url.h"
#include "ledger/store/sql_check.h"
#include "ledger/verify/verify.h"
#include "proto/errors.h"

namespace parlor::ledger {

// The exit code of a program that found a broken link, or another difference.
inline constexpr int kBrokenExitCode = 2;

// The database that a ledger's configuration names, itself or in a file of its own. malformed says
// what is wrong with it.
Expected<DatabaseUrl> databaseOf(const Poco::Util::AbstractConfiguration& properties);
Expected<DatabaseUrl> databaseOf(const std::string& configFile);

// verify() of that database. Errors name it, without its password.
Expected<Verification> verifyDatabase(const DatabaseUrl& database);

struct Integrity {
    std::vector<Difference> differences;  // of the tables
    // Of the record itself; none where another schema or a damaged file keeps it from being read.
    std::optional<Verification> record;
    bool isWhole() const { return differences.empty() && record && !record->broken; }
    std::string str() const;  // for people
};
// checkTables() and verify() of that database; errors as above.
Expected<Integrity> checkDatabase(const DatabaseUrl& database);

// reindex() of that database; errors as above.
Expected<Reindexed> reindexDatabase(const DatabaseUrl& database, const ReindexProgress& progress);

// Raises the epoch, after a backup was restored: the new one.
Expected<std::uint32_t> restoreDone(const DatabaseUrl& database);

}  // namespace parlor::ledger
