#pragma once

#include <Poco/Data/LOB.h>
#include <Poco/Data/Session.h>
#include <Poco/Types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "ledger/store/sql_statement.h"

namespace parlor::ledger {

// A statement for PostgreSQL that finds no rows, prepared once, by libpq on Poco's connection. Most
// of what is recorded goes this way: binding a value costs less, and after a failure it is as good
// as before, where a statement of Poco 1.11 cannot even be let go of.
class PostgresqlCommand final : public PreparedBase {
 public:
    // Throws Poco::Exception. The session must outlive it.
    PostgresqlCommand(Poco::Data::Session& session, const std::string& sql);

    // The values of the next run, in the order of the placeholders; texts and bytes must stay where
    // they are until then.
    void add(const std::string& text);
    void add(Poco::Int64 number);
    void add(const Poco::Data::BLOB& bytes);  // none: NULL
    // How many rows were written. Throws Poco::Exception. Afterwards there are no values.
    std::size_t run();

 private:
    struct Value {
        const char* data = nullptr;  // none: at `digits` in digits_
        std::size_t size = 0;
        std::size_t digits = 0;
        bool isNull = false;
        bool isBinary = false;
    };

    Poco::Data::Session& session_;
    const std::string name_;
    std::vector<Value> values_;
    std::string digits_;  // of the numbers, each with a zero at its end
};

}  // namespace parlor::ledger
