#include "ledger/store/postgresql_client.h"

#include <Poco/Data/PostgreSQL/PostgreSQLException.h>
#include <Poco/Data/PostgreSQL/SessionImpl.h>

#include <atomic>
#include <charconv>
#include <string_view>
#include <vector>

namespace parlor::ledger {
namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

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

// The values of a call as libpq takes them: numbers as digits.
class Parameters {
 public:
    void assign(std::span<const SqlCall::Value> values) {
        data_.clear();
        sizes_.clear();
        formats_.clear();
        digits_.clear();
        digits_.reserve(values.size() * kMostDigits);  // they must stay where they are
        for (const auto& value : values) {
            const bool isNumber = value.kind == SqlCall::Value::Kind::number;
            data_.push_back(isNumber ? digitsOf(*static_cast<const Poco::Int64*>(value.data))
                                     : static_cast<const char*>(value.data));
            sizes_.push_back(static_cast<int>(value.size));
            formats_.push_back(value.kind == SqlCall::Value::Kind::bytes ? 1 : 0);
        }
    }

    int count() const { return static_cast<int>(data_.size()); }
    const char* const* data() const { return data_.data(); }
    const int* sizes() const { return sizes_.data(); }
    const int* formats() const { return formats_.data(); }

 private:
    static constexpr std::size_t kMostDigits = 21;  // with sign and end

    const char* digitsOf(Poco::Int64 number) {
        char text[kMostDigits];
        const auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
        const auto at = digits_.size();
        digits_.append(text, end) += '\0';
        return digits_.data() + at;
    }

    std::vector<const char*> data_;
    std::vector<int> sizes_, formats_;
    std::string digits_;
};

struct PostgresqlCommand final : PreparedBase {
    const std::string name = nextName();
};

class PostgresqlClient final : public SqlClient {
 public:
    PostgresqlClient(PGconn* connection, SocketWatch& watch, std::chrono::milliseconds limit)
        : SqlClient(watch, PQsocket(connection), limit), connection_(connection) {}

    std::unique_ptr<PreparedBase> prepare(const std::string& sql) override {
        const SocketWatch::Call watched(&socket());
        auto command = std::make_unique<PostgresqlCommand>();
        const Result result(PQprepare(connection_, command->name.c_str(), sql.c_str(), 0, nullptr),
                            PQclear);
        check(connection_, result.get());
        return command;
    }

    void run(const std::string& sql) override {
        const SocketWatch::Call watched(&socket());
        const Result result(PQexec(connection_, sql.c_str()), PQclear);
        check(connection_, result.get());
    }

    void run(bool begin, std::span<SqlCall> calls) override {
        const SocketWatch::Call watched(&socket());
        require(PQenterPipelineMode(connection_));
        if (begin) sendBegin();
        for (const auto& call : calls) send(call);
        // What the server answers meanwhile is too little to fill a socket, so neither waits for
        // the other to read.
        require(PQpipelineSync(connection_));
        Result failed(nullptr, PQclear);
        const auto receive = [&] {
            auto result = nextResult(connection_);
            const auto rows = rowsOf(result.get());
            if (!failed && !succeeded(result.get())) failed = std::move(result);
            return rows;
        };
        if (begin) receive();
        for (auto& call : calls) call.setAffected(receive());
        const Result synced(PQgetResult(connection_), PQclear);
        require(PQexitPipelineMode(connection_));
        if (failed) check(connection_, failed.get());
    }

 private:
    void require(int done) const {
        if (done != 1) throwLost(connection_);
    }
    void sendBegin() {
        require(PQsendQueryParams(connection_, "BEGIN", 0, nullptr, nullptr, nullptr, nullptr, 0));
    }
    void send(const SqlCall& call) {
        const auto& command = static_cast<const PostgresqlCommand&>(call.command());
        parameters_.assign(call.values());
        // Copies the values.
        require(PQsendQueryPrepared(connection_, command.name.c_str(), parameters_.count(),
                                    parameters_.data(), parameters_.sizes(), parameters_.formats(),
                                    0));
    }

    PGconn* const connection_;
    Parameters parameters_;  // of the call that is sent; keeps its memory
};

}  // namespace

std::unique_ptr<SqlClient> makePostgresqlClient(Poco::Data::Session& session, SocketWatch& watch,
                                                std::chrono::milliseconds limit) {
    auto& impl = dynamic_cast<Poco::Data::PostgreSQL::SessionImpl&>(*session.impl());
    return std::make_unique<PostgresqlClient>(impl.handle(), watch, limit);
}

}  // namespace parlor::ledger
