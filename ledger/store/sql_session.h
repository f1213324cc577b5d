#pragma once

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "ledger/store/sql_client.h"
#include "ledger/store/sql_database.h"
#include "ledger/store/sql_statement.h"
#include "ledger/store/sqlite_limit.h"
#include "proto/errors.h"

namespace parlor::ledger {

// follow: writes what can be made again from the record. migrate: what takes as long as it takes.
enum class SessionUse { write, read, follow, migrate };

// One connection to the database, speaking in named statements. Every call may throw
// Poco::Exception; after that only rollback() and the destructor may be called. No call waits for
// a server for longer than SqlDatabase says. One thread.
class SqlSession {
 public:
    SqlSession(SqlDatabase& database, SessionUse use);
    ~SqlSession();
    SqlSession(const SqlSession&) = delete;
    SqlSession& operator=(const SqlSession&) = delete;

    // A call was ended because the server did not answer: then it is of no use any more.
    bool isCut() const { return client_ && client_->socket().isCut(); }

    // A server is told with the first statement.
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
    friend class SqlBatch;

    // Of a statement for a server: 25 columns of so many are far from the 65,535 parameters that
    // one may have. So that few statements are prepared, others stand for a multiple of the step,
    // or for a power of two below it.
    static constexpr std::size_t kMostRowsAtOnce = 256;
    static constexpr std::size_t kRowsStep = 32;

    // The rows that the next statement stands for, of so many that are left.
    static std::size_t rowsAtOnce(std::size_t left, bool mayRepeat);

    template <class... In, class... Out>
    void run(std::string_view name, const std::tuple<std::vector<In>&...>& in,
             const std::tuple<std::vector<Out>&...>& out, bool mayRepeat);
    // Of a server.
    template <class... In, class... Out>
    void runPrepared(std::string_view name, std::size_t rows, std::size_t first,
                     const std::tuple<std::vector<In>&...>& in,
                     const std::tuple<std::vector<Out>&...>& out);

    // Runs it on SQLite; for a server adds to `calls` what is to be run.
    template <class... In>
    void runLater(std::string_view name, const std::tuple<std::vector<In>&...>& in, bool mayRepeat,
                  std::vector<SqlCall>& calls);
    void runTogether(std::span<SqlCall> calls);
    // Of prepared_.
    static std::string keyOf(std::string_view name, std::size_t rows) {
        return std::string(name) + "/" + std::to_string(rows);
    }
    // A server's, prepared where it is not yet.
    const PreparedBase& commandFor(std::string_view name, std::size_t rows);
    template <class... In>
    static SqlCall bind(const PreparedBase& command, std::size_t rows, std::size_t first,
                        const std::tuple<std::vector<In>&...>& in);

    // Tells a server of the transaction, if there is to be one.
    void beginNow();
    void end(const std::string& how);
    // A statement that failed is of no more use.
    void discard(std::unique_ptr<PreparedBase> statement);

    SocketWatch::Socket* socket() { return client_ ? &client_->socket() : nullptr; }

    const SqlCatalog& catalog_;
    Poco::Data::Session session_;
    enum class Transaction { none, due, begun } transaction_ = Transaction::none;  // a server's
    std::unique_ptr<SqlClient> client_;  // of a server; before the session goes, it goes
    std::optional<SqliteLimit> limit_;   // of a reader of SQLite; likewise
    // By name and number of rows; before the client and the session go, they go.
    std::map<std::string, std::unique_ptr<PreparedBase>> prepared_;
};

template <class... In, class... Out>
void SqlSession::run(std::string_view name, const std::tuple<std::vector<In>&...>& in,
                     const std::tuple<std::vector<Out>&...>& out, bool mayRepeat) {
    const std::size_t rows = std::get<0>(in).size();
    if (rows == 0) return;
    // Without a network in between, one statement that steps through the rows is cheapest.
    if (!client_) {
        if (limit_) limit_->begin();
        return runThroughRows(session_, catalog_.statement(name), in, out);
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
    if (!client_) {
        if (limit_) limit_->begin();
        runThroughRows(session_, catalog_.statement(name), rows, out);
    } else {
        runPrepared(name, 1, 0, rows, out);
    }
}

template <class... In, class... Out>
void SqlSession::runPrepared(std::string_view name, std::size_t rows, std::size_t first,
                             const std::tuple<std::vector<In>&...>& in,
                             const std::tuple<std::vector<Out>&...>& out) {
    if constexpr (sizeof...(Out) == 0) {
        auto call = bind(commandFor(name, rows), rows, first, in);
        runTogether(std::span(&call, 1));
    } else {
        using Statement = Prepared<std::tuple<In...>, std::tuple<Out...>>;
        beginNow();
        auto& slot = prepared_[keyOf(name, rows)];
        if (!slot) {
            slot = std::make_unique<Statement>(session_, catalog_.statement(name, rows), rows);
        }
        const SocketWatch::Call watched(socket());
        try {
            static_cast<Statement&>(*slot).run(first, in, out);
        } catch (const Poco::Exception&) {
            discard(std::move(slot));
            throw;
        }
    }
}

template <class... In>
void SqlSession::runLater(std::string_view name, const std::tuple<std::vector<In>&...>& in,
                          bool mayRepeat, std::vector<SqlCall>& calls) {
    if (!client_) return run(name, in, std::tuple<>(), mayRepeat);
    const std::size_t rows = std::get<0>(in).size();
    for (std::size_t first = 0; first < rows;) {
        const auto size = rowsAtOnce(rows - first, mayRepeat);
        calls.push_back(bind(commandFor(name, size), size, first, in));
        first += size;
    }
}

template <class... In>
SqlCall SqlSession::bind(const PreparedBase& command, std::size_t rows, std::size_t first,
                         const std::tuple<std::vector<In>&...>& in) {
    SqlCall call(command, rows * sizeof...(In));
    const auto last = std::get<0>(in).size() - 1;
    for (std::size_t i = first; i < first + rows; ++i) {
        std::apply([&](const auto&... column) { (call.add(column[std::min(i, last)]), ...); }, in);
    }
    return call;
}

}  // namespace parlor::ledger
