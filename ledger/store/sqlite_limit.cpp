#include "ledger/store/sqlite_limit.h"

#include <Poco/Data/SQLite/Utility.h>
#include <sqlite3.h>

namespace parlor::ledger {
namespace {

// How often it looks at the clock: a million instructions took 12 ms.
constexpr int kInstructions = 1'000'000;

::sqlite3* handleOf(const Poco::Data::Session& session) {
    return Poco::Data::SQLite::Utility::dbHandle(session);
}

}  // namespace

SqliteLimit::SqliteLimit(const Poco::Data::Session& session, std::chrono::milliseconds within)
    : session_(session), within_(within) {
    ::sqlite3_progress_handler(handleOf(session_), kInstructions, &SqliteLimit::isOver, this);
}

SqliteLimit::~SqliteLimit() { ::sqlite3_progress_handler(handleOf(session_), 0, nullptr, nullptr); }

// Other than 0: the statement ends with SQLITE_INTERRUPT.
int SqliteLimit::isOver(void* limit) {
    return Clock::now() > static_cast<const SqliteLimit*>(limit)->until_ ? 1 : 0;
}

}  // namespace parlor::ledger
