#pragma once

#include "ledger/store/sql_client.h"

namespace parlor::ledger {

// By libpq, which sends several commands as one and waits for the server but once ("Pipeline
// Mode"). As makeClient().
std::unique_ptr<SqlClient> makePostgresqlClient(Poco::Data::Session& session, SocketWatch& watch,
                                                std::chrono::milliseconds limit);

}  // namespace parlor::ledger
