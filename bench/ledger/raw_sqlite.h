#pragma once

#include <string>

namespace parlor::bench {

// The least that recording can cost on SQLite: a plain C client that inserts rows of the same shape
// into the same events table, so many to a transaction, for so long. Events per second. Throws
// std::runtime_error.
double rawSqliteRate(const std::string& path, int conversations, int batch, int seconds);

}  // namespace parlor::bench
