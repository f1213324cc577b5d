#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/store/database_url.h"

namespace parlor::ledger {

// One step of the schema, in order; `number` starts at 1.
struct Migration {
    int number = 0;
    std::string name;  // "0001_record.sql"
    std::vector<std::string> statements;
};

// The statements of ledger/sql as one dialect spells them: a file in the dialect's folder wins over
// the one in common/. A statement marks with {{ }} what stands once per row ("VALUES {{(?, ?)}}").
// Constant after construction; any thread.
class SqlCatalog {
 public:
    explicit SqlCatalog(Dialect dialect) : dialect_(dialect) {}

    Dialect dialect() const { return dialect_; }
    // The statement for so many rows, its placeholders as the database wants them. Throws
    // std::logic_error for a name that has no file.
    std::string statement(std::string_view name, std::size_t rows = 1) const;
    // A file of several statements without parameters; none where the dialect has no such file.
    std::vector<std::string> script(std::string_view name) const;
    std::vector<Migration> migrations() const;

 private:
    const Dialect dialect_;
};

}  // namespace parlor::ledger
