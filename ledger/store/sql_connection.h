#pragma once

#include <Poco/Exception.h>

#include <optional>
#include <utility>

#include "ledger/store/sql_failure.h"
#include "ledger/store/sql_session.h"
#include "proto/errors.h"

namespace parlor::ledger {

// A session that is opened when first used and again after a failure. One thread.
class SqlConnection {
 public:
    SqlConnection(SqlDatabase& database, SessionUse use) : database_(database), use_(use) {}

    // Runs `work(session)`. Its exceptions of the database become a failure, with the transaction
    // rolled back, or the session dropped where that does not work or the database is unavailable.
    template <class Work>
    auto attempt(Work&& work)
        -> boost::system::result<decltype(work(std::declval<SqlSession&>())), SqlFailure> {
        try {
            if (!session_) session_.emplace(database_, use_);
            return work(*session_);
        } catch (const Poco::Exception& exception) {
            const bool unanswered = session_ && session_->isCut();
            const auto failure =
                unanswered ? noAnswer() : describe(exception, database_.catalog.dialect());
            // One that began while the database took no changes stays read-only afterwards.
            const bool unavailable = failure.kind == SqlFailure::Kind::unavailable;
            if (unavailable || (session_ && !session_->rollback())) session_.reset();
            return failure;
        }
    }

 private:
    SqlDatabase& database_;
    const SessionUse use_;
    std::optional<SqlSession> session_;
};

}  // namespace parlor::ledger
