#pragma once

#include <cstddef>
#include <string_view>
#include <tuple>
#include <vector>

#include "ledger/store/sql_session.h"

namespace parlor::ledger {

// Statements of one transaction that find no rows. A server is given them by run(), PostgreSQL all
// at once; SQLite runs each as it is added. May throw as the session's calls do.
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
    void run() { session_.runTogether(calls_); }
    // How many rows a server says that the n-th has found or changed.
    std::size_t affected(std::size_t n) const {
        std::size_t rows = 0;
        for (std::size_t i = n == 0 ? 0 : ends_[n - 1]; i < ends_[n]; ++i) {
            rows += calls_[i].affected();
        }
        return rows;
    }

 private:
    template <class... In>
    std::size_t add(std::string_view name, const std::tuple<std::vector<In>&...>& in,
                    bool mayRepeat) {
        session_.runLater(name, in, mayRepeat, calls_);
        ends_.push_back(calls_.size());
        return ends_.size() - 1;
    }

    SqlSession& session_;
    std::vector<SqlCall> calls_;
    std::vector<std::size_t> ends_;  // of each statement's calls
};

}  // namespace parlor::ledger
