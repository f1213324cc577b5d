#pragma once

// Do the tables agree with each other, and an SQLite file with itself? What single events say is
// verify()'s business.

#include <string>
#include <string_view>
#include <vector>

#include "ledger/store/database_url.h"
#include "proto/errors.h"

namespace parlor::ledger {

struct Difference {
    std::string check;  // "heads", "events", …: one word
    std::string text;   // for people; never message text
};

// Where the schema is another one than this program's, or the file is damaged.
inline constexpr std::string_view kSchemaCheck = "schema";
inline constexpr std::string_view kFileCheck = "file";

// Reads only, without a limit of time; a ledger may record meanwhile. At most 100 differences of
// each kind. What is found by one of the checks above, the others do not look beyond. unavailable
// where the database cannot be read.
Expected<std::vector<Difference>> checkTables(const DatabaseUrl& url);

}  // namespace parlor::ledger
