#include "ledger/store/postgresql_command.h"

#include <Poco/Data/PostgreSQL/PostgreSQLException.h>
#include <Poco/Data/PostgreSQL/SessionImpl.h>

#include <atomic>
#include <charconv>
#include <exception>
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
[[noreturn]] void throwLost(PGconn* connection) {
    throw Poco::Data::PostgreSQL::ConnectionException(PQerrorMessage(connection));
}

bool succeeded(const PGresult* result) {
    const auto status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

void check(PGconn* connection, const PGresult* result) {
    if (succeeded(result)) return;
    const auto field = [&](int code) {
        const char* const text = PQresultErrorField(result, code);
        return std::string(text == nullptr ? "" : text);
    };
    const auto state = field(PG_DIAG_SQLSTATE);
    if (state.empty()) throwLost(connection);
    throw Poco::Data::PostgreSQL::StatementException(field(PG_DIAG_MESSAGE_PRIMARY) +
                                                     " State: " + state + " ");
}

std::size_t rowsOf(PGresult* result) {
    const std::string_view count = PQcmdTuples(result);
    std::size_t rows = 0;
    std::from_chars(count.data(), count.data() + count.size(), rows);
    return rows;
}

// The result of the pipeline's next statement, which is followed by none.
Result nextResult(PGconn* connection) {
    Result result(PQgetResult(connection), PQclear);
    if (result == nullptr || PQstatus(connection) != CONNECTION_OK) throwLost(connection);
    const Result end(PQgetResult(connection), PQclear);
    return result;
}

}  // namespace

PostgresqlCommand::PostgresqlCommand(Poco::Data::Session& session, const std::string& sql)
    : name_(nextName()) {
    PGconn* const connection = connectionOf(session);
    const Result result(PQprepare(connection, name_.c_str(), sql.c_str(), 0, nullptr), PQclear);
    check(connection, result.get());
}

void PostgresqlCommand::Call::add(const std::string& text) {
    values_.push_back({.data = text.c_str(), .size = text.size()});
}

void PostgresqlCommand::Call::add(Poco::Int64 number) {
    char text[24];
    const auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
    values_.push_back({.digits = digits_.size()});
    digits_.append(text, end) += '\0';
}

void PostgresqlCommand::Call::add(const Poco::Data::BLOB& bytes) {
    values_.push_back({.data = reinterpret_cast<const char*>(bytes.rawContent()),
                       .size = bytes.size(),
                       .isNull = bytes.size() == 0,
                       .isBinary = true});
}

void PostgresqlCommand::run(Poco::Data::Session& session, const char* sql) {
    PGconn* const connection = connectionOf(session);
    const Result result(PQexec(connection, sql), PQclear);
    check(connection, result.get());
}

void PostgresqlCommand::run(Poco::Data::Session& session, bool begin, std::span<Call> calls) {
    PGconn* const connection = connectionOf(session);
    const auto require = [&](int done) {
        if (done != 1) throwLost(connection);
    };
    require(PQenterPipelineMode(connection));
    if (begin) {
        require(PQsendQueryParams(connection, "BEGIN", 0, nullptr, nullptr, nullptr, nullptr, 0));
    }
    std::vector<const char*> data;
    std::vector<int> sizes;
    std::vector<int> formats;
    for (const auto& call : calls) {
        data.clear();
        sizes.clear();
        formats.clear();
        for (const auto& value : call.values_) {
            const char* const at =
                value.data == nullptr ? call.digits_.data() + value.digits : value.data;
            data.push_back(value.isNull ? nullptr : at);
            sizes.push_back(static_cast<int>(value.size));
            formats.push_back(value.isBinary ? 1 : 0);
        }
        // Copies the values.
        require(PQsendQueryPrepared(connection, call.command_->name_.c_str(),
                                    static_cast<int>(data.size()), data.data(), sizes.data(),
                                    formats.data(), 0));
    }
    // What the server answers meanwhile is too little to fill a socket, so neither waits for the
    // other to read.
    require(PQpipelineSync(connection));
    Result failed(nullptr, PQclear);
    if (begin) {
        auto result = nextResult(connection);
        if (!succeeded(result.get())) failed = std::move(result);
    }
    for (auto& call : calls) {
        auto result = nextResult(connection);
        call.affected_ = rowsOf(result.get());
        if (!failed && !succeeded(result.get())) failed = std::move(result);
    }
    const Result synced(PQgetResult(connection), PQclear);
    require(PQexitPipelineMode(connection));
    if (failed) check(connection, failed.get());
}

}  // namespace parlor::ledger
