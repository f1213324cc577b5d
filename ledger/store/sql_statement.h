#pragma once

// Statements of Poco::Data that run for many rows.

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace parlor::ledger {

// Runs `sql`, which stands for one row, once for each row of the input columns. The output columns
// must be empty.
template <class... In, class... Out>
void runThroughRows(Poco::Data::Session& session, const std::string& sql,
                    const std::tuple<std::vector<In>&...>& in,
                    const std::tuple<std::vector<Out>&...>& out) {
    using Poco::Data::Keywords::into;
    using Poco::Data::Keywords::use;
    Poco::Data::Statement statement(session);
    statement << sql;
    std::apply([&](auto&... column) { ((statement, use(column)), ...); }, in);
    std::apply([&](auto&... column) { ((statement, into(column)), ...); }, out);
    statement.execute();
}

// So that statements of all shapes can be kept together.
class PreparedBase {
 public:
    virtual ~PreparedBase() = default;
};

// A statement that stands for a fixed number of rows and is prepared once.
template <class InTuple, class OutTuple>
class Prepared;

template <class... In, class... Out>
class Prepared<std::tuple<In...>, std::tuple<Out...>> final : public PreparedBase {
 public:
    // `sql` has a placeholder for each column of each row, row by row.
    Prepared(Poco::Data::Session& session, const std::string& sql, std::size_t rows)
        : rows_(rows), statement_(session) {
        using Poco::Data::Keywords::into;
        using Poco::Data::Keywords::use;
        std::apply([&](auto&... column) { ((column.resize(rows)), ...); }, in_);
        statement_ << sql;
        for (std::size_t row = 0; row < rows; ++row) {
            std::apply([&](auto&... column) { ((statement_, use(column[row])), ...); }, in_);
        }
        std::apply([&](auto&... column) { ((statement_, into(column)), ...); }, out_);
    }

    // Runs it for the rows from `first` on, and where there are too few again for the last one;
    // result rows are appended.
    void run(std::size_t first, const std::tuple<std::vector<In>&...>& in,
             const std::tuple<std::vector<Out>&...>& out) {
        forEach<In...>([&]<std::size_t I>() {
            auto& from = std::get<I>(in);
            const auto begin = from.begin() + static_cast<std::ptrdiff_t>(first);
            const auto count = std::min(rows_, from.size() - first);
            auto& to = std::get<I>(in_);
            const auto end = std::copy_n(begin, count, to.begin());
            std::fill(end, to.end(), from.back());
        });
        std::apply([](auto&... column) { ((column.clear()), ...); }, out_);
        statement_.execute();
        forEach<Out...>([&]<std::size_t I>() {
            auto& found = std::get<I>(out_);
            std::get<I>(out).insert(std::get<I>(out).end(), found.begin(), found.end());
        });
    }

 private:
    template <class... Columns, class Action>
    static void forEach(const Action& action) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((action.template operator()<I>()), ...);
        }(std::index_sequence_for<Columns...>{});
    }

    const std::size_t rows_;
    // The statement refers to these: they stay where they are.
    std::tuple<std::vector<In>...> in_;
    std::tuple<std::vector<Out>...> out_;
    Poco::Data::Statement statement_;
};

}  // namespace parlor::ledger
