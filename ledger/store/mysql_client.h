#pragma once

#include "ledger/store/sql_client.h"

namespace parlor::ledger {

// By libmariadb's prepared statements. As makeClient().
std::unique_ptr<SqlClient> makeMysqlClient(Poco::Data::Session& session, SocketWatch& watch,
                                           std::chrono::milliseconds limit);

}  // namespace parlor::ledger
