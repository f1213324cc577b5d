#pragma once

// What is done to the record without a ledger running it: by parlor-ledger's options and by
// parlor-admin's commands alike.

#include <cstdint>
#include <string>

#include "ledger/store/database_url.h"
#include "ledger/verify/verify.h"
#include "proto/errors.h"

namespace parlor::ledger {

// The exit code of a program that found a broken link.
inline constexpr int kBrokenExitCode = 2;

// The database that a ledger's configuration file names. malformed says what is wrong with the
// file.
Expected<DatabaseUrl> databaseOf(const std::string& configFile);

// verify() of that database. Errors name it, without its password.
Expected<Verification> verifyDatabase(const DatabaseUrl& database);
// Raises the epoch, after a backup was restored: the new one.
Expected<std::uint32_t> restoreDone(const DatabaseUrl& database);

}  // namespace parlor::ledger
