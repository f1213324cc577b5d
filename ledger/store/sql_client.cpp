#include "ledger/store/sql_client.h"

#include "ledger/store/mysql_client.h"
#include "ledger/store/postgresql_client.h"

namespace parlor::ledger {

std::unique_ptr<SqlClient> makeClient(Poco::Data::Session& session, Dialect dialect,
                                      SocketWatch& watch, std::chrono::milliseconds limit) {
    switch (dialect) {
        case Dialect::sqlite:
            return nullptr;
        case Dialect::postgresql:
            return makePostgresqlClient(session, watch, limit);
        case Dialect::mysql:
            return makeMysqlClient(session, watch, limit);
    }
    return nullptr;
}

}  // namespace parlor::ledger
