#include "ledger/store/sql_session.h"

#include <Poco/Data/MySQL/Connector.h>
#include <Poco/Data/PostgreSQL/Connector.h>
#include <Poco/Data/SQLite/Connector.h>

#include <algorithm>
#include <bit>
#include <mutex>

namespace parlor::ledger {
namespace {

// How long a statement waits for another process's lock on the file. The writer of one ledger is
// alone on it; a backup or an administrator's tool may be in the way for a moment.
constexpr std::size_t kSqliteBusySeconds = 2;
// As the servers have it (session_read.sql).
constexpr std::chrono::milliseconds kSqliteReadWithin{15'000};
constexpr std::chrono::seconds kConnectWithin{5};

void registerConnectors() {
    static std::once_flag once;
    std::call_once(once, [] {
        Poco::Data::SQLite::Connector::registerConnector();
        Poco::Data::PostgreSQL::Connector::registerConnector();
        Poco::Data::MySQL::Connector::registerConnector();
    });
}

// libpq's quoting; spaces cannot be, Poco splits there (see DatabaseUrl).
std::string quoted(const std::string& value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\\' || c == '\'') text += '\\';
        text += c;
    }
    return text + "'";
}

std::string postgresqlConnection(const DatabaseUrl& url) {
    // A machine that is gone is noticed within seconds, not within the kernel's quarter of an hour.
    return "host=" + quoted(url.host) + " port=" + std::to_string(url.port) +
           " user=" + quoted(url.user) + " password=" + quoted(url.password) +
           " dbname=" + quoted(url.path) +
           " application_name=parlor-ledger client_encoding=UTF8 keepalives_idle=5"
           " keepalives_interval=2 keepalives_count=3 tcp_user_timeout=10000";
}

std::string mysqlConnection(const DatabaseUrl& url) {
    // Reconnecting by itself would lose a transaction half-way without saying so.
    return "host=" + url.host + ";port=" + std::to_string(url.port) + ";user=" + url.user +
           ";password=" + url.password + ";db=" + url.path +
           ";character-set=utf8mb4;auto-reconnect=false";
}

std::size_t connectSeconds(const SocketWatch& watch) {
    const auto left =
        std::chrono::ceil<std::chrono::seconds>(watch.end() - SocketWatch::Clock::now());
    if (left.count() <= 0) throw Poco::IllegalStateException("the ledger stops");
    return static_cast<std::size_t>(std::min(left, kConnectWithin).count());
}

Poco::Data::Session open(const SqlDatabase& database) {
    const DatabaseUrl& url = database.url;
    registerConnectors();
    switch (url.dialect) {
        case Dialect::sqlite:
            return {Poco::Data::SQLite::Connector::KEY, url.path, kSqliteBusySeconds};
        case Dialect::postgresql:
            return {Poco::Data::PostgreSQL::Connector::KEY, postgresqlConnection(url),
                    connectSeconds(database.watch)};
        case Dialect::mysql:
            return {Poco::Data::MySQL::Connector::KEY, mysqlConnection(url),
                    connectSeconds(database.watch)};
    }
    throw Poco::NotImplementedException("no such dialect");
}

std::string_view scriptOf(SessionUse use) {
    switch (use) {
        case SessionUse::write:
            return "session_write";
        case SessionUse::read:
            return "session_read";
        case SessionUse::follow:
            return "session_follow";
        case SessionUse::migrate:
            return "session_migrate";
    }
    return "session_read";
}

}  // namespace

SqlSession::SqlSession(SqlDatabase& database, SessionUse use)
    : catalog_(database.catalog), session_(open(database)) {
    const auto limit = use == SessionUse::migrate ? SocketWatch::kNoLimit : database.answerWithin;
    client_ = makeClient(session_, catalog_.dialect(), database.watch, limit);
    if (!client_ && use == SessionUse::read) {
        limit_.emplace(session_, std::min(limit, kSqliteReadWithin));
    }
    runScript(scriptOf(use));
}

// Statements have a last word with the server.
SqlSession::~SqlSession() {
    try {
        const SocketWatch::Call watched(socket());
        prepared_.clear();
    } catch (const Poco::IllegalStateException&) {
        socket()->cut();  // so that there is none
        prepared_.clear();
    }
}

std::size_t SqlSession::rowsAtOnce(std::size_t left, bool mayRepeat) {
    const std::size_t most = std::min(left, kMostRowsAtOnce);
    const std::size_t fits = most < kRowsStep ? std::bit_floor(most) : most - most % kRowsStep;
    if (!mayRepeat || fits == most) return fits;
    const std::size_t next = fits < kRowsStep ? 2 * fits : fits + kRowsStep;
    return most >= next - next / 4 ? next : fits;
}

void SqlSession::begin() {
    // Poco's own would let another process begin to write in between.
    if (!client_) return runScript("begin");
    transaction_ = Transaction::due;
}

void SqlSession::beginNow() {
    if (transaction_ != Transaction::due) return;
    client_->run("BEGIN");
    transaction_ = Transaction::begun;
}

void SqlSession::commit() { end("commit"); }

bool SqlSession::rollback() noexcept {
    try {
        end("rollback");
        return true;
    } catch (const Poco::Exception&) {
        return false;
    }
}

void SqlSession::end(const std::string& how) {
    if (!client_) return runScript(how);
    if (transaction_ == Transaction::begun) client_->run(how);
    transaction_ = Transaction::none;
}

const PreparedBase& SqlSession::commandFor(std::string_view name, std::size_t rows) {
    auto& slot = prepared_[keyOf(name, rows)];
    if (!slot) slot = client_->prepare(catalog_.statement(name, rows));
    return *slot;
}

void SqlSession::runTogether(std::span<SqlCall> calls) {
    if (calls.empty()) return;
    const bool begins = transaction_ == Transaction::due;
    if (begins) transaction_ = Transaction::begun;
    client_->run(begins, calls);
}

void SqlSession::discard(std::unique_ptr<PreparedBase> statement) {
    if (catalog_.dialect() != Dialect::postgresql) return;
    // Poco 1.11's statement for PostgreSQL frees the result of its last execution when it starts
    // the next one, and frees it again when it goes after that one failed. So it must not go.
    // Failures of prepared statements are rare: each costs what one statement holds.
    static std::mutex mutex;
    static auto* const kept = new std::vector<std::unique_ptr<PreparedBase>>();
    const std::scoped_lock lock(mutex);
    kept->push_back(std::move(statement));
}

void SqlSession::runScript(std::string_view name) {
    for (const auto& statement : catalog_.script(name)) runText(statement);
}

void SqlSession::runText(const std::string& sql) {
    if (client_) {
        beginNow();
        return client_->run(sql);
    }
    if (limit_) limit_->begin();
    Poco::Data::Statement statement(session_);
    statement << sql;
    statement.execute();
}

}  // namespace parlor::ledger
