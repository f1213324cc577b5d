#include "ledger/store/sql_session.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>

#include <mutex>

namespace parlor::ledger {
namespace {

// How long a statement waits for another process's lock on the file. The writer of one ledger is
// alone on it; a backup or an administrator's tool may be in the way for a moment.
constexpr std::size_t kSqliteBusySeconds = 2;

void registerConnectors() {
    static std::once_flag once;
    std::call_once(once, [] { Poco::Data::SQLite::Connector::registerConnector(); });
}

SqlFailure::Kind kindOfSqlite(const Poco::Exception& exception) {
    namespace sqlite = Poco::Data::SQLite;
    const bool dataToBlame =
        dynamic_cast<const sqlite::ConstraintViolationException*>(&exception) != nullptr ||
        dynamic_cast<const sqlite::DataTypeMismatchException*>(&exception) != nullptr ||
        dynamic_cast<const sqlite::RowTooBigException*>(&exception) != nullptr;
    return dataToBlame ? SqlFailure::Kind::refused : SqlFailure::Kind::unavailable;
}

}  // namespace

SqlFailure describe(const Poco::Exception& exception, Dialect /*dialect*/) {
    const auto kind = kindOfSqlite(exception);
    const auto code = kind == SqlFailure::Kind::refused ? Errc::internal : Errc::unavailable;
    return {kind, Error{code, "database: " + exception.displayText()}};
}

SqlSession::SqlSession(const DatabaseUrl& url, const SqlCatalog& catalog, SessionUse use)
    : catalog_(catalog), session_(open(url, use)) {}

Poco::Data::Session SqlSession::open(const DatabaseUrl& url, SessionUse use) {
    using Poco::Data::Keywords::into;
    using Poco::Data::Keywords::now;
    registerConnectors();
    Poco::Data::Session session(Poco::Data::SQLite::Connector::KEY, url.path, kSqliteBusySeconds);
    std::string mode;
    session << "PRAGMA journal_mode = WAL", into(mode), now;
    // Every commit is on the disk when it returns; see the promise in docs/protocol.md.
    session << "PRAGMA synchronous = FULL", now;
    session << "PRAGMA cache_size = -65536", now;
    // A checkpoint copies each page once however often it changed: rarer ones write less.
    session << "PRAGMA wal_autocheckpoint = 8000", now;
    if (use == SessionUse::read) session << "PRAGMA query_only = ON", now;
    return session;
}

void SqlSession::run(std::string_view name) { runText(catalog_.statement(name)); }

void SqlSession::runText(const std::string& sql) {
    Poco::Data::Statement statement(session_);
    statement << sql;
    statement.execute();
}

bool SqlSession::rollback() noexcept {
    try {
        run("rollback");
        return true;
    } catch (const Poco::Exception&) {
        return false;
    }
}

}  // namespace parlor::ledger
