#include "ledger/store/mysql_client.h"

#include <Poco/Data/MySQL/MySQLException.h>
#include <Poco/Data/MySQL/Utility.h>
#include <mysql.h>

#include <vector>

namespace parlor::ledger {
namespace {

namespace mysql = Poco::Data::MySQL;

struct CloseStatement {
    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
};
struct FreeResult {
    void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};

enum_field_types typeOf(SqlCall::Value::Kind kind) {
    switch (kind) {
        case SqlCall::Value::Kind::text:
            return MYSQL_TYPE_STRING;
        case SqlCall::Value::Kind::number:
            return MYSQL_TYPE_LONGLONG;
        case SqlCall::Value::Kind::bytes:
            return MYSQL_TYPE_BLOB;
    }
    return MYSQL_TYPE_NULL;
}

// To where the value lies; the library takes no buffer for NULL.
MYSQL_BIND bind(const SqlCall::Value& value) {
    MYSQL_BIND bind{};
    bind.buffer_type = typeOf(value.kind);
    bind.buffer = const_cast<void*>(value.data);  // which the library only reads
    bind.buffer_length = value.size;
    return bind;
}

class MysqlCommand final : public PreparedBase {
 public:
    MysqlCommand(MYSQL* connection, const std::string& sql)
        : statement_(mysql_stmt_init(connection)) {
        if (!statement_) throw mysql::ConnectionException("mysql_stmt_init error", connection);
        require(mysql_stmt_prepare(statement_.get(), sql.data(), sql.size()) == 0);
    }

    // Returns how many rows were written.
    std::size_t run(std::vector<MYSQL_BIND>& values) const {
        if (values.size() != mysql_stmt_param_count(statement_.get())) {
            throw mysql::StatementException("not as many values as placeholders");
        }
        require(mysql_stmt_bind_param(statement_.get(), values.data()) == 0);
        require(mysql_stmt_execute(statement_.get()) == 0);
        return mysql_stmt_affected_rows(statement_.get());
    }

 private:
    void require(bool done) const {
        if (!done) throw mysql::StatementException("statement failed", statement_.get());
    }

    const std::unique_ptr<MYSQL_STMT, CloseStatement> statement_;
};

class MysqlClient final : public SqlClient {
 public:
    MysqlClient(MYSQL* connection, SocketWatch& watch, std::chrono::milliseconds limit)
        : SqlClient(watch, static_cast<int>(mysql_get_socket(connection)), limit),
          connection_(connection) {}

    std::unique_ptr<PreparedBase> prepare(const std::string& sql) override {
        const SocketWatch::Call watched(&socket());
        return std::make_unique<MysqlCommand>(connection_, sql);
    }

    // Not prepared, which MySQL does not do with all statements.
    void run(const std::string& sql) override {
        const SocketWatch::Call watched(&socket());
        require(mysql_real_query(connection_, sql.data(), sql.size()) == 0);
        const std::unique_ptr<MYSQL_RES, FreeResult> rows(mysql_store_result(connection_));
        require(mysql_errno(connection_) == 0);
    }

    void run(bool begin, std::span<SqlCall> calls) override {
        if (begin) run("BEGIN");
        for (auto& call : calls) {
            binds_.clear();
            for (const auto& value : call.values()) binds_.push_back(bind(value));
            const SocketWatch::Call watched(&socket());
            call.setAffected(static_cast<const MysqlCommand&>(call.command()).run(binds_));
        }
    }

 private:
    void require(bool done) const {
        if (!done) throw mysql::ConnectionException("statement failed", connection_);
    }

    MYSQL* const connection_;
    std::vector<MYSQL_BIND> binds_;  // of the call under way; keeps its memory
};

}  // namespace

std::unique_ptr<SqlClient> makeMysqlClient(Poco::Data::Session& session, SocketWatch& watch,
                                           std::chrono::milliseconds limit) {
    return std::make_unique<MysqlClient>(mysql::Utility::handle(session), watch, limit);
}

}  // namespace parlor::ledger
