#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <stdexcept>

#include "bench/ledger/raw_limits.h"
#include "bench/ledger/raw_rows.h"

namespace parlor::bench {
namespace {

constexpr std::size_t kColumns = 6;
constexpr std::size_t kMostRows = 64;

class Client {
 public:
    explicit Client(const ledger::DatabaseUrl& url) {
        const std::string port = std::to_string(url.port);
        const char* const keys[] = {"host", "port", "user", "password", "dbname", nullptr};
        const char* const values[] = {url.host.c_str(),     port.c_str(),     url.user.c_str(),
                                      url.password.c_str(), url.path.c_str(), nullptr};
        connection_.reset(PQconnectdbParams(keys, values, 0));
        if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
    }

    void run(const char* sql) { check(PQexec(connection_.get(), sql)); }
    void insert(std::span<const RawRow> rows) {
        const auto name = "insert" + std::to_string(rows.size());
        if (prepared_.insert(rows.size()).second) {
            check(PQprepare(connection_.get(), name.c_str(), statement(rows.size()).c_str(), 0,
                            nullptr));
        }
        std::vector<std::string> numbers;  // so that the texts stay where they are
        numbers.reserve(rows.size());
        std::vector<const char*> values;
        std::vector<int> lengths;
        std::vector<int> formats;
        const auto add = [&](const std::string& value, bool binary) {
            values.push_back(value.data());
            lengths.push_back(static_cast<int>(value.size()));
            formats.push_back(binary ? 1 : 0);
        };
        static const std::string recordedAt = std::to_string(kRawRecordedAt);
        for (const RawRow& row : rows) {
            add(row.conversation, false);
            add(numbers.emplace_back(std::to_string(row.seq)), false);
            add(row.request, false);
            add(recordedAt, false);
            add(kRawEvent, true);
            add(kRawHash, true);
        }
        check(PQexecPrepared(connection_.get(), name.c_str(), static_cast<int>(values.size()),
                             values.data(), lengths.data(), formats.data(), 0));
    }

 private:
    static std::string statement(std::size_t rows) {
        std::string sql =
            "INSERT INTO events (conversation, stream, seq, request_id, recorded_at, event, hash)"
            " VALUES ";
        for (std::size_t row = 0; row < rows; ++row) {
            const auto at = [&](std::size_t column) {
                return "$" + std::to_string(row * kColumns + column);
            };
            sql += (row == 0 ? "(" : ", (") + at(1) + ", 1, " + at(2) + ", " + at(3) + ", " +
                   at(4) + ", " + at(5) + ", " + at(6) + ")";
        }
        return sql;
    }
    void check(PGresult* result) {
        const std::unique_ptr<PGresult, void (*)(PGresult*)> owned(result, PQclear);
        if (PQresultStatus(result) != PGRES_COMMAND_OK) fail();
    }
    [[noreturn]] void fail() { throw std::runtime_error(PQerrorMessage(connection_.get())); }

    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_{nullptr, PQfinish};
    std::set<std::size_t> prepared_;  // numbers of rows
};

}  // namespace

double rawPostgresqlRate(const ledger::DatabaseUrl& url, const RawLoad& load) {
    Client client(url);
    return rawRate(load.conversations, load.batch, load.time, [&](const auto& rows) {
        client.run("BEGIN");
        for (std::span<const RawRow> rest(rows); !rest.empty();) {
            const auto count = std::min(rest.size(), kMostRows);
            client.insert(rest.first(count));
            rest = rest.subspan(count);
        }
        client.run("COMMIT");
    });
}

}  // namespace parlor::bench
