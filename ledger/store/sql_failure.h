#pragma once

#include <Poco/Exception.h>

#include "ledger/store/database_url.h"
#include "proto/errors.h"

namespace parlor::ledger {

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
// The same of a server that did not answer in time.
SqlFailure noAnswer();

}  // namespace parlor::ledger
