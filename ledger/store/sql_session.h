#pragma once

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "ledger/store/database_url.h"
#include "ledger/store/sql_catalog.h"
#include "ledger/store/sql_statement.h"
#include "proto/errors.h"

namespace parlor::ledger {

// follow: writes what can be made again from the record.
enum class SessionUse { write, read, follow };

// One connection to the database, speaking in named statements. Every call may throw
// Poco::Exception; after that only rollback() and the destructor may be called. One thread.
class SqlSession {
 public:
    SqlSession(const DatabaseUrl& url, const SqlCatalog& catalog, SessionUse use);

    void begin();
    void commit();
    // Ends a transaction, if there is one. False where the connection is of no use any more.
    bool rollback() noexcept;

    // Statements without parameters, one after the other.
    void runScript(std::string_view name);
    void runText(const std::string& sql);

    // Runs the statement once for every row of the input columns (all of one length). The output
    // columns must be empty; result rows come in no particular order.
    template <class... In, class... Out>
    void runRows(std::string_view name, const std::tuple<std::vector<In>&...>& in,
                 const std::tuple<std::vector<Out>&...>& out) {
        run(name, in, out, false);
    }
    // The same where a row does no harm that is there twice, and its results neither: with fewer
    // calls to the server.
    template <class... In, class... Out>
    void runRowsAtLeastOnce(std::string_view name, const std::tuple<std::vector<In>&...>& in,
                            const std::tuple<std::vector<Out>&...>& out) {
        run(name, in, out, true);
    }
    // Runs it once, with these values (none: a statement without parameters). Result rows come in
    // the statement's order.
    template <class... In, class... Out>
    void runOnce(std::string_view name, const std::tuple<In...>& in,
                 const std::tuple<std::vector<Out>&...>& out);

 private:
    // Of a statement for a server. A power of two; 25 columns of so many are far from the 65,535
    // parameters that one may have.
    static constexpr std::size_t kMostRowsAtOnce = 128;

    // The rows that the next statement stands for, of so many that are left.
    static std::size_t rowsAtOnce(std::size_t left, bool mayRepeat);

    template <class... In, class... Out>
    void run(std::string_view name, const std::tuple<std::vector<In>&...>& in,
             const std::tuple<std::vector<Out>&...>& out, bool mayRepeat);
    template <class... In, class... Out>
    void runPrepared(std::string_view name, std::size_t rows, std::size_t first,
                     const std::tuple<std::vector<In>&...>& in,
                     const std::tuple<std::vector<Out>&...>& out);

    void endTransaction();
    // A statement that failed is of no more use.
    void discard(std::unique_ptr<PreparedBase> statement);

    const SqlCatalog& catalog_;
    Poco::Data::Session session_;
    // By name and number of rows; before the session goes, they go.
    std::map<std::string, std::unique_ptr<PreparedBase>> prepared_;
};

template <class... In, class... Out>
void SqlSession::run(std::string_view name, const std::tuple<std::vector<In>&...>& in,
                     const std::tuple<std::vector<Out>&...>& out, bool mayRepeat) {
    const std::size_t rows = std::get<0>(in).size();
    if (rows == 0) return;
    // Without a network in between, one statement that steps through the rows is cheapest.
    if (catalog_.dialect() == Dialect::sqlite) {
        runThroughRows(session_, catalog_.statement(name), in, out);
        return;
    }
    // A server is asked for many rows at once, by few prepared statements.
    for (std::size_t first = 0; first < rows;) {
        const auto size = rowsAtOnce(rows - first, mayRepeat);
        runPrepared(name, size, first, in, out);
        first += size;
    }
}

template <class... In, class... Out>
void SqlSession::runOnce(std::string_view name, const std::tuple<In...>& in,
                         const std::tuple<std::vector<Out>&...>& out) {
    std::tuple<std::vector<In>...> columns;
    const auto rows = std::apply(
        [](auto&... column) { return std::tuple<std::vector<In>&...>(column...); }, columns);
    std::apply(
        [&](auto&... column) {
            std::apply([&](const auto&... value) { ((column.push_back(value)), ...); }, in);
        },
        columns);
    if (catalog_.dialect() == Dialect::sqlite) {
        runThroughRows(session_, catalog_.statement(name), rows, out);
    } else {
        runPrepared(name, 1, 0, rows, out);
    }
}

template <class... In, class... Out>
void SqlSession::runPrepared(std::string_view name, std::size_t rows, std::size_t first,
                             const std::tuple<std::vector<In>&...>& in,
                             const std::tuple<std::vector<Out>&...>& out) {
    using Statement = Prepared<std::tuple<In...>, std::tuple<Out...>>;
    auto& slot = prepared_[std::string(name) + "/" + std::to_string(rows)];
    if (!slot) slot = std::make_unique<Statement>(session_, catalog_.statement(name, rows), rows);
    try {
        static_cast<Statement&>(*slot).run(first, in, out);
    } catch (const Poco::Exception&) {
        discard(std::move(slot));
        throw;
    }
}

}  // namespace parlor::ledger
