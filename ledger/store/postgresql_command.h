#pragma once

#include <Poco/Data/LOB.h>
#include <Poco/Data/Session.h>
#include <Poco/Types.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ledger/store/sql_statement.h"

namespace parlor::ledger {

// A statement for PostgreSQL, of whose rows only the number matters, prepared once, by libpq on
// Poco's connection. Most of what is recorded goes this way: binding a value costs less, and after
// a failure it is as good as before, where a statement of Poco 1.11 cannot even be let go of.
class PostgresqlCommand final : public PreparedBase {
 public:
    // Throws Poco::Exception. The session must outlive it.
    PostgresqlCommand(Poco::Data::Session& session, const std::string& sql);

    // One run of a command, which must outlive it.
    class Call {
     public:
        Call(const PostgresqlCommand& command, std::size_t values) : command_(&command) {
            values_.reserve(values);
        }

        // The values, in the order of the placeholders; texts and bytes must stay where they are
        // until it has run.
        void add(const std::string& text);
        void add(Poco::Int64 number);
        void add(const Poco::Data::BLOB& bytes);  // none: NULL

        // The rows that it has written or found.
        std::size_t affected() const { return affected_; }

     private:
        friend class PostgresqlCommand;

        struct Value {
            const char* data = nullptr;  // none: at `digits` in digits_
            std::size_t size = 0;
            std::size_t digits = 0;
            bool isNull = false;
            bool isBinary = false;
        };

        const PostgresqlCommand* command_;
        std::vector<Value> values_;
        std::string digits_;  // of the numbers, each with a zero at its end
        std::size_t affected_ = 0;
    };

    // Runs `calls` on `session`, the session of all their commands, one after the other, and waits
    // for the server but once (libpq, "Pipeline Mode"). `begin`: a transaction begins before them.
    // Where one fails those after it are not run, and its Poco::Exception is thrown.
    static void run(Poco::Data::Session& session, bool begin, std::span<Call> calls);
    // Runs a statement that has no parameters. Throws Poco::Exception.
    static void run(Poco::Data::Session& session, const char* sql);

 private:
    const std::string name_;
};

}  // namespace parlor::ledger
