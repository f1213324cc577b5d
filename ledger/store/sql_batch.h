#pragma once

#include <cstddef>
#include <string_view>
#include <tuple>
#include <vector>

#include "ledger/store/sql_session.h"

namespace parlor::ledger {

// Statements of one transaction that find no rows. PostgreSQL is given them all at once, by run();
// elsewhere each is run as it is added. May throw as the session's calls do.
class SqlBatch {
 public:
    explicit SqlBatch(SqlSession& session) : session_(session) {}

    // As SqlSession::runRows(), and which one it is; the columns must stay as they are until run().
    template <class... In>
    std::size_t add(std::string_view name, const std::tuple<std::vector<In>&...>& in) {
        return add(name, in, false);
    }
    // As SqlSession::runRowsAtLeastOnce().
    template <class... In>
    std::size_t addAtLeastOnce(std::string_view name, const std::tuple<std::vector<In>&...>& in) {
        return add(name, in, true);
    }
    void run() {
        session_.runTogether(calls_);
        for (std::size_t i = 0; i < calls_.size(); ++i) affected_[of_[i]] += calls_[i].affected();
    }
    // How many rows a server says that the n-th has changed.
    std::size_t affected(std::size_t n) const { return affected_[n]; }

 private:
    template <class... In>
    std::size_t add(std::string_view name, const std::tuple<std::vector<In>&...>& in,
                    bool mayRepeat) {
        affected_.push_back(session_.runLater(name, in, mayRepeat, calls_));
        of_.resize(calls_.size(), affected_.size() - 1);
        return affected_.size() - 1;
    }

    SqlSession& session_;
    std::vector<PostgresqlCommand::Call> calls_;
    std::vector<std::size_t> of_;  // whose each of them is
    std::vector<std::size_t> affected_;
};

}  // namespace parlor::ledger
