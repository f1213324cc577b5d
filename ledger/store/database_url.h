#pragma once

#include <string>
#include <string_view>

#include "proto/errors.h"

namespace parlor::ledger {

enum class Dialect { sqlite, postgresql, mysql };
// The name of its folder in ledger/sql.
std::string_view name(Dialect dialect);

// Where the database is.
struct DatabaseUrl {
    Dialect dialect = Dialect::sqlite;
    std::string path;  // sqlite: the file, absolute; otherwise the database's name
    std::string host;
    int port = 0;
    std::string user;
    std::string password;

    // sqlite:///absolute/path.db
    // postgresql://user:password@host:port/database  (port may be left out: 5432)
    // mysql://user:password@host:port/database       (port may be left out: 3306)
    // Reserved characters are percent-encoded. Errc::malformed says what was wrong, never the
    // password.
    static Expected<DatabaseUrl> parse(const std::string& text);
    // As parse() reads it, with the password.
    std::string text() const;
    // For people: without the password.
    std::string display() const;
};

}  // namespace parlor::ledger
