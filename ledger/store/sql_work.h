#pragma once

// How the ports beside recording use their connection: whole reads, and whole transactions.

#include <utility>

#include "ledger/store/sql_connection.h"

namespace parlor::ledger {

// Runs `work(session)`, once more on a new session where the old one turned out broken.
template <class Work>
auto readFrom(SqlConnection& connection, Work&& work)
    -> Expected<decltype(work(std::declval<SqlSession&>()))> {
    for (int attempt = 1;; ++attempt) {
        auto done = connection.attempt(work);
        if (done) return std::move(*done);
        const SqlFailure& failure = done.error();
        if (failure.kind == SqlFailure::Kind::refused || attempt == 2) return failure.error;
    }
}

// Runs `work(session)`, which returns an Expected, as one transaction: committed where it returns a
// value, rolled back where it returns an error. From the start again where another replica came in
// between or the session turned out broken.
template <class Work>
auto transact(SqlConnection& connection, Work&& work)
    -> decltype(work(std::declval<SqlSession&>())) {
    constexpr int kAttempts = 8;
    for (int attempt = 1;; ++attempt) {
        auto done = connection.attempt([&](SqlSession& session) {
            session.begin();
            auto result = work(session);
            if (result) {
                session.commit();
            } else {
                session.rollback();
            }
            return result;
        });
        if (done) return std::move(*done);
        const SqlFailure& failure = done.error();
        const bool again = failure.kind == SqlFailure::Kind::conflict ||
                           (failure.kind == SqlFailure::Kind::unavailable && attempt == 1);
        if (!again || attempt == kAttempts) return failure.error;
    }
}

}  // namespace parlor::ledger
