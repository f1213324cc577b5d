#include "ledger/store/sql_failure.h"

#include <Poco/Data/SQLite/SQLiteException.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace parlor::ledger {
namespace {

using Kind = SqlFailure::Kind;

// Whoever writes to an SQLite file is alone on it: nobody can be there first.
Kind kindOfSqlite(const Poco::Exception& exception) {
    namespace sqlite = Poco::Data::SQLite;
    const bool dataToBlame =
        dynamic_cast<const sqlite::ConstraintViolationException*>(&exception) != nullptr ||
        dynamic_cast<const sqlite::DataTypeMismatchException*>(&exception) != nullptr ||
        dynamic_cast<const sqlite::RowTooBigException*>(&exception) != nullptr;
    return dataToBlame ? Kind::refused : Kind::unavailable;
}

// Poco passes the SQLSTATE on only inside its text: "… State: 23505 …"
// (https://www.postgresql.org/docs/15/errcodes-appendix.html).
Kind kindOfPostgresql(const Poco::Exception& exception) {
    constexpr std::string_view kMark = " State: ";
    constexpr std::size_t kStateLength = 5;
    const std::string& text = exception.message();
    const auto at = text.find(kMark);
    if (at == std::string::npos) return Kind::unavailable;
    const auto state = std::string_view(text).substr(at + kMark.size(), kStateLength);
    // A unique index, a serialization failure, a deadlock.
    for (const std::string_view lost : {"23505", "40001", "40P01"}) {
        if (state == lost) return Kind::conflict;
    }
    const bool dataToBlame = state.starts_with("22") || state.starts_with("23");
    return dataToBlame ? Kind::refused : Kind::unavailable;
}

// Poco passes the error's number on only inside its text: "[mysql_stmt_errno]: 1062\t…".
int mysqlError(const Poco::Exception& exception) {
    constexpr std::string_view kMark = "errno]: ";
    const std::string& text = exception.message();
    const auto at = text.find(kMark);
    int number = 0;
    if (at != std::string::npos) {
        std::from_chars(text.data() + at + kMark.size(), text.data() + text.size(), number);
    }
    return number;
}

// https://mariadb.com/kb/en/mariadb-error-code-reference/
Kind kindOfMysql(const Poco::Exception& exception) {
    constexpr int kDuplicate = 1062;
    constexpr int kDeadlock = 1213;
    constexpr int kDataTooLong = 1406;
    constexpr int kIncorrectValue = 1366;
    constexpr int kOutOfRange = 1264;
    switch (mysqlError(exception)) {
        case kDuplicate:
        case kDeadlock:
            return Kind::conflict;
        case kDataTooLong:
        case kIncorrectValue:
        case kOutOfRange:
            return Kind::refused;
        default:
            return Kind::unavailable;
    }
}

Kind kindOf(const Poco::Exception& exception, Dialect dialect) {
    switch (dialect) {
        case Dialect::sqlite:
            return kindOfSqlite(exception);
        case Dialect::postgresql:
            return kindOfPostgresql(exception);
        case Dialect::mysql:
            return kindOfMysql(exception);
    }
    return Kind::unavailable;
}

// In one line, and without what the database quotes of the data: that may be what people said.
std::string withoutData(const Poco::Exception& exception, Kind kind) {
    std::string text = exception.displayText();
    if (kind == Kind::refused) text = std::string("it refuses the data, ") + exception.name();
    text = text.substr(0, std::min(text.find(" Detail: "), text.find("\t[statemnt]")));
    std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return text;
}

}  // namespace

SqlFailure describe(const Poco::Exception& exception, Dialect dialect) {
    if (dynamic_cast<const Poco::Data::SQLite::InterruptException*>(&exception) != nullptr) {
        return {Kind::unavailable, Error{Errc::unavailable, "database: a statement took too long"}};
    }
    const auto kind = kindOf(exception, dialect);
    const auto code = kind == Kind::refused ? Errc::internal : Errc::unavailable;
    return {kind, Error{code, "database: " + withoutData(exception, kind)}};
}

SqlFailure noAnswer() {
    return {Kind::unavailable, Error{Errc::unavailable, "database: no answer in time"}};
}

}  // namespace parlor::ledger
