#pragma once

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <vector>

#include "ledger/store/database_url.h"
#include "ledger/store/sql_catalog.h"
#include "proto/errors.h"

namespace parlor::ledger {

enum class SessionUse { write, read };

// What an exception of the database means for the transaction it ended.
struct SqlFailure {
    enum class Kind {
        conflict,     // another replica was there first: start the transaction again
        unavailable,  // the database is away, busy, full, read-only …
        refused,      // these data
    };
    Kind kind;
    Error error;  // for the caller, if it gives up
};
SqlFailure describe(const Poco::Exception& exception, Dialect dialect);

// One connection to the database, speaking in named statements. Every call may throw
// Poco::Exception; after that only rollback() and the destructor may be called. One thread.
class SqlSession {
 public:
    SqlSession(const DatabaseUrl& url, const SqlCatalog& catalog, SessionUse use);

    // A statement without parameters.
    void run(std::string_view name);
    void runText(const std::string& sql);
    // Ends a transaction, if there is one. False where the connection is of no use any more.
    bool rollback() noexcept;

    // Runs the statement once for every row of the input columns (all of one length); result rows
    // are appended to the output columns, in no particular order.
    template <class... In, class... Out>
    void runRows(std::string_view name, std::tuple<std::vector<In>&...> in,
                 std::tuple<std::vector<Out>&...> out);
    // Runs it once with these values.
    template <class... In, class... Out>
    void runOnce(std::string_view name, std::tuple<In&...> in,
                 std::tuple<std::vector<Out>&...> out);

 private:
    Poco::Data::Session open(const DatabaseUrl& url, SessionUse use);

    const SqlCatalog& catalog_;
    Poco::Data::Session session_;
};

template <class... In, class... Out>
void SqlSession::runRows(std::string_view name, std::tuple<std::vector<In>&...> in,
                         std::tuple<std::vector<Out>&...> out) {
    using Poco::Data::Keywords::into;
    using Poco::Data::Keywords::use;
    const std::size_t rows = std::get<0>(in).size();
    if (rows == 0) return;
    // Without a network in between, one prepared statement that steps through the rows is cheapest.
    if (catalog_.dialect() == Dialect::sqlite) {
        Poco::Data::Statement statement(session_);
        statement << catalog_.statement(name);
        std::apply([&](auto&... column) { ((statement, use(column)), ...); }, in);
        std::apply([&](auto&... column) { ((statement, into(column)), ...); }, out);
        statement.execute();
        return;
    }
    constexpr std::size_t kRowsPerStatement = 64;
    for (std::size_t first = 0; first < rows; first += kRowsPerStatement) {
        const std::size_t count = std::min(kRowsPerStatement, rows - first);
        std::tuple<std::vector<Out>...> found;
        Poco::Data::Statement statement(session_);
        statement << catalog_.statement(name, count);
        for (std::size_t row = first; row < first + count; ++row) {
            std::apply([&](auto&... column) { ((statement, use(column[row])), ...); }, in);
        }
        std::apply([&](auto&... column) { ((statement, into(column)), ...); }, found);
        statement.execute();
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((std::get<I>(out).insert(std::get<I>(out).end(), std::get<I>(found).begin(),
                                      std::get<I>(found).end())),
             ...);
        }(std::index_sequence_for<Out...>{});
    }
}

template <class... In, class... Out>
void SqlSession::runOnce(std::string_view name, std::tuple<In&...> in,
                         std::tuple<std::vector<Out>&...> out) {
    using Poco::Data::Keywords::into;
    using Poco::Data::Keywords::use;
    Poco::Data::Statement statement(session_);
    statement << catalog_.statement(name);
    std::apply([&](auto&... value) { ((statement, use(value)), ...); }, in);
    std::apply([&](auto&... column) { ((statement, into(column)), ...); }, out);
    statement.execute();
}

}  // namespace parlor::ledger
