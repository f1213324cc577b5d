#pragma once

#include <string_view>
#include <vector>

namespace parlor::ledger {

// One file of ledger/sql, embedded at build time.
struct SqlText {
    std::string_view path;  // relative to ledger/sql: "common/insert_events.sql"
    std::string_view text;
};

const std::vector<SqlText>& sqlTexts();

}  // namespace parlor::ledger
