#pragma once

#include <Poco/Data/Session.h>

#include "ledger/store/database_url.h"

namespace parlor::ledger {

// What Poco does not tell of a session, asked of the client library below it. A server's only.
int socketOf(Poco::Data::Session& session, Dialect dialect);

}  // namespace parlor::ledger
