#include <mysql.h>

#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>

#include "bench/ledger/raw_limits.h"
#include "bench/ledger/raw_rows.h"

namespace parlor::bench {
namespace {

constexpr std::size_t kMostRows = 64;

MYSQL_BIND bindBytes(const std::string& value, enum_field_types type) {
    MYSQL_BIND bind{};
    bind.buffer_type = type;
    bind.buffer = const_cast<char*>(value.data());  // the library only reads it
    bind.buffer_length = value.size();
    return bind;
}
MYSQL_BIND bindNumber(const std::int64_t& value) {
    MYSQL_BIND bind{};
    bind.buffer_type = MYSQL_TYPE_LONGLONG;
    bind.buffer = const_cast<std::int64_t*>(&value);
    return bind;
}

class Client {
 public:
    explicit Client(const ledger::DatabaseUrl& url) {
        if (mysql_real_connect(connection_.get(), url.host.c_str(), url.user.c_str(),
                               url.password.c_str(), url.path.c_str(),
                               static_cast<unsigned>(url.port), nullptr, 0) == nullptr) {
            fail();
        }
    }

    void run(const std::string& sql) {
        if (mysql_real_query(connection_.get(), sql.data(), sql.size()) != 0) fail();
    }
    void insert(std::span<const RawRow> rows) {
        MYSQL_STMT* const statement = prepared(rows.size());
        std::vector<MYSQL_BIND> binds;
        for (const RawRow& row : rows) {
            binds.push_back(bindBytes(row.conversation, MYSQL_TYPE_STRING));
            binds.push_back(bindNumber(row.seq));
            binds.push_back(bindBytes(row.request, MYSQL_TYPE_STRING));
            binds.push_back(bindNumber(kRawRecordedAt));
            binds.push_back(bindBytes(kRawEvent, MYSQL_TYPE_BLOB));
            binds.push_back(bindBytes(kRawHash, MYSQL_TYPE_BLOB));
        }
        if (mysql_stmt_bind_param(statement, binds.data()) != 0 ||
            mysql_stmt_execute(statement) != 0) {
            throw std::runtime_error(mysql_stmt_error(statement));
        }
    }

 private:
    struct CloseStatement {
        void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
    };

    MYSQL_STMT* prepared(std::size_t rows) {
        auto& slot = prepared_[rows];
        if (slot) return slot.get();
        std::string sql =
            "INSERT INTO events (conversation, stream, seq, request_id, recorded_at, event, hash)"
            " VALUES ";
        for (std::size_t row = 0; row < rows; ++row) {
            sql += row == 0 ? "(?, 1, ?, ?, ?, ?, ?)" : ", (?, 1, ?, ?, ?, ?, ?)";
        }
        slot.reset(mysql_stmt_init(connection_.get()));
        if (mysql_stmt_prepare(slot.get(), sql.data(), sql.size()) != 0) {
            throw std::runtime_error(mysql_stmt_error(slot.get()));
        }
        return slot.get();
    }
    [[noreturn]] void fail() { throw std::runtime_error(mysql_error(connection_.get())); }

    const std::unique_ptr<MYSQL, void (*)(MYSQL*)> connection_{mysql_init(nullptr), mysql_close};
    std::map<std::size_t, std::unique_ptr<MYSQL_STMT, CloseStatement>> prepared_;  // by rows
};

}  // namespace

double rawMariadbRate(const ledger::DatabaseUrl& url, const RawLoad& load) {
    Client client(url);
    return rawRate(load.conversations, load.batch, load.time, [&](const auto& rows) {
        client.run("START TRANSACTION");
        for (std::span<const RawRow> rest(rows); !rest.empty();) {
            const auto count = std::min(rest.size(), kMostRows);
            client.insert(rest.first(count));
            rest = rest.subspan(count);
        }
        client.run("COMMIT");
    });
}

}  // namespace parlor::bench
