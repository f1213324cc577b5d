#pragma once

#include <Poco/Data/Session.h>

#include <chrono>

namespace parlor::ledger {

// Ends statements of an SQLite session that take too long, which the library has no setting for.
// The session must outlive it. One thread.
class SqliteLimit {
 public:
    SqliteLimit(const Poco::Data::Session& session, std::chrono::milliseconds within);
    ~SqliteLimit();
    SqliteLimit(const SqliteLimit&) = delete;
    SqliteLimit& operator=(const SqliteLimit&) = delete;

    // A statement begins, and is to be over in time.
    void begin() { until_ = Clock::now() + within_; }

 private:
    using Clock = std::chrono::steady_clock;

    static int isOver(void* limit);

    const Poco::Data::Session session_;
    const std::chrono::milliseconds within_;
    Clock::time_point until_ = Clock::time_point::max();
};

}  // namespace parlor::ledger
