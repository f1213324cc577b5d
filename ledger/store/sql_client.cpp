#include "ledger/store/sql_client.h"

#include <Poco/Data/MySQL/Utility.h>
#include <Poco/Data/PostgreSQL/SessionImpl.h>
#include <Poco/Exception.h>

namespace parlor::ledger {

int socketOf(Poco::Data::Session& session, Dialect dialect) {
    if (dialect == Dialect::mysql) {
        return static_cast<int>(::mysql_get_socket(Poco::Data::MySQL::Utility::handle(session)));
    }
    auto* const impl = dynamic_cast<Poco::Data::PostgreSQL::SessionImpl*>(session.impl());
    if (impl == nullptr) throw Poco::NotImplementedException("not a server's session");
    return ::PQsocket(impl->handle());
}

}  // namespace parlor::ledger
