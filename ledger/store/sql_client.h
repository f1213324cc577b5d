#pragma once

#include <Poco/Data/Session.h>

#include <memory>
#include <span>
#include <string>

#include "ledger/store/database_url.h"
#include "ledger/store/socket_watch.h"
#include "ledger/store/sql_call.h"

namespace parlor::ledger {

// A server's client library, on a connection of Poco's. What is written goes past Poco, by
// commands: statements of whose rows only the number matters. Binding a value costs less, and after
// a failure a command is as good as before, where a statement of Poco 1.11 cannot even be let go
// of. Every call may throw Poco::Exception, in words that SqlFailure reads, and is watched. One
// thread.
class SqlClient {
 public:
    virtual ~SqlClient() = default;
    SqlClient(const SqlClient&) = delete;
    SqlClient& operator=(const SqlClient&) = delete;

    SocketWatch::Socket& socket() { return socket_; }

    // Prepares a command, which must not outlive this.
    virtual std::unique_ptr<PreparedBase> prepare(const std::string& sql) = 0;
    // Runs a statement that has no parameters.
    virtual void run(const std::string& sql) = 0;
    // Runs commands, one after the other. `begin`: a transaction begins before them. Where one
    // fails those after it are not run.
    virtual void run(bool begin, std::span<SqlCall> calls) = 0;

 protected:
    SqlClient(SocketWatch& watch, int descriptor, std::chrono::milliseconds limit)
        : socket_(watch, descriptor, limit) {}

 private:
    SocketWatch::Socket socket_;
};

// Of a session, which must outlive it; `limit` is that of each call. SQLite has none.
std::unique_ptr<SqlClient> makeClient(Poco::Data::Session& session, Dialect dialect,
                                      SocketWatch& watch, std::chrono::milliseconds limit);

}  // namespace parlor::ledger
