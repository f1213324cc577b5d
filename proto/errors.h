#pragma once

// What can go wrong between parts of Parlor: one enum, one category, one value type.

#include <boost/assert/source_location.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>

namespace parlor {

// The values equal parlor.v1.ErrorCode, so that a failure crosses the wire unchanged.
enum class Errc {
    malformed = 1,      // not what the schema or a limit allows
    tooLarge = 2,       // a text or a post over its limit
    forbidden = 3,      // this party may not do that
    notFound = 4,       // no such conversation
    conflict = 5,       // e.g. somebody else holds the conversation
    closed = 6,         // the conversation is closed
    unavailable = 7,    // try again: broker, ledger or database is away
    overloaded = 8,     // try again, later: a bounded queue is full
    deadline = 9,       // nobody answered in time; the outcome is not known
    epochChanged = 10,  // the cursor is of another epoch: start over
    internal = 11,
};

const boost::system::error_category& errorCategory() noexcept;
boost::system::error_code make_error_code(Errc code) noexcept;

// A failure with a text for people that says what was wrong. `text` never holds message content.
struct Error {
    Errc code;
    std::string text;
};

// Thrown where an Expected without a value is asked for one.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& loc);

template <class T>
using Expected = boost::system::result<T, Error>;

}  // namespace parlor

template <>
struct boost::system::is_error_code_enum<parlor::Errc> : std::true_type {};
