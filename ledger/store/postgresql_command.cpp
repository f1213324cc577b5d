#include "ledger/store/postgresql_command.h"

#include <Poco/Data/PostgreSQL/PostgreSQLException.h>
#include <Poco/Data/PostgreSQL/SessionImpl.h>

#include <atomic>
#include <charconv>
#include <memory>
#include <string_view>

namespace parlor::ledger {
namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

PGconn* connectionOf(Poco::Data::Session& session) {
    return dynamic_cast<Poco::Data::PostgreSQL::SessionImpl&>(*session.impl()).handle();
}

std::string nextName() {
    static std::atomic<std::uint64_t> last{0};
    return "parlor_command_" + std::to_string(++last);
}

// Throws in the words of Poco, which are all that SqlFailure reads.
void check(PGconn* connection, const PGresult* result) {
    if (PQresultStatus(result) == PGRES_COMMAND_OK) return;
    const auto field = [&](int code) {
        const char* const text = PQresultErrorField(result, code);
        return std::string(text == nullptr ? "" : text);
    };
    const auto state = field(PG_DIAG_SQLSTATE);
    if (state.empty()) {
        throw Poco::Data::PostgreSQL::ConnectionException(PQerrorMessage(connection));
    }
    throw Poco::Data::PostgreSQL::StatementException(field(PG_DIAG_MESSAGE_PRIMARY) +
                                                     " State: " + state + " ");
}

}  // namespace

PostgresqlCommand::PostgresqlCommand(Poco::Data::Session& session, const std::string& sql)
    : session_(session), name_(nextName()) {
    PGconn* const connection = connectionOf(session_);
    const Result result(PQprepare(connection, name_.c_str(), sql.c_str(), 0, nullptr), PQclear);
    check(connection, result.get());
}

void PostgresqlCommand::add(const std::string& text) {
    values_.push_back({.data = text.c_str(), .size = text.size()});
}

void PostgresqlCommand::add(Poco::Int64 number) {
    char text[24];
    const auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
    values_.push_back({.digits = digits_.size()});
    digits_.append(text, end) += '\0';
}

void PostgresqlCommand::add(const Poco::Data::BLOB& bytes) {
    values_.push_back({.data = reinterpret_cast<const char*>(bytes.rawContent()),
                       .size = bytes.size(),
                       .isNull = bytes.size() == 0,
                       .isBinary = true});
}

std::size_t PostgresqlCommand::run() {
    std::vector<const char*> data;
    std::vector<int> sizes;
    std::vector<int> formats;
    data.reserve(values_.size());
    sizes.reserve(values_.size());
    formats.reserve(values_.size());
    for (const auto& value : values_) {
        const char* const at = value.data == nullptr ? digits_.data() + value.digits : value.data;
        data.push_back(value.isNull ? nullptr : at);
        sizes.push_back(static_cast<int>(value.size));
        formats.push_back(value.isBinary ? 1 : 0);
    }
    PGconn* const connection = connectionOf(session_);
    const Result result(PQexecPrepared(connection, name_.c_str(), static_cast<int>(data.size()),
                                       data.data(), sizes.data(), formats.data(), 0),
                        PQclear);
    values_.clear();
    digits_.clear();
    check(connection, result.get());
    const std::string_view count = PQcmdTuples(result.get());
    std::size_t rows = 0;
    std::from_chars(count.data(), count.data() + count.size(), rows);
    return rows;
}

}  // namespace parlor::ledger
