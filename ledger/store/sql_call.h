#pragma once

#include <Poco/Data/LOB.h>
#include <Poco/Types.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ledger/store/sql_statement.h"

namespace parlor::ledger {

// One run of a command (SqlClient), which must outlive it.
class SqlCall {
 public:
    // Where it lies.
    struct Value {
        enum class Kind { text, number, bytes };
        Kind kind;
        const void* data;  // number: a Poco::Int64; text: with a zero at its end; null: NULL
        std::size_t size;
    };

    SqlCall(const PreparedBase& command, std::size_t values) : command_(&command) {
        values_.reserve(values);
    }

    // The values, in the order of the placeholders; they must stay where they are until it has run.
    void add(const std::string& text) {
        values_.push_back({Value::Kind::text, text.c_str(), text.size()});
    }
    void add(const Poco::Int64& number) {
        values_.push_back({Value::Kind::number, &number, sizeof(number)});
    }
    void add(const Poco::Data::BLOB& bytes) {  // none: NULL
        values_.push_back({Value::Kind::bytes, bytes.rawContent(), bytes.size()});
    }
    template <class Other>
    void add(const Other&) = delete;  // it would be a copy that is gone

    const PreparedBase& command() const { return *command_; }
    std::span<const Value> values() const { return values_; }

    // The rows that it has written or found.
    std::size_t affected() const { return affected_; }
    void setAffected(std::size_t rows) { affected_ = rows; }

 private:
    const PreparedBase* command_;
    std::vector<Value> values_;
    std::size_t affected_ = 0;
};

}  // namespace parlor::ledger
