#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/ids.h"

namespace parlor::bench {

// Rows as the ledger writes them, for a table `events` that the ledger's migrations made.
struct RawRow {
    std::string conversation;
    std::int64_t seq;
    std::string request;
};
inline constexpr std::int64_t kRawRecordedAt = 1764000000000;
// What a message of 200 bytes comes to as an event.
inline const std::string kRawEvent(430, 'x');
inline const std::string kRawHash(32, 'h');

// Round and round through so many conversations.
class RawRows {
 public:
    explicit RawRows(int conversations) : heads_(static_cast<std::size_t>(conversations)) {
        for (std::size_t i = 0; i < heads_.size(); ++i) ids_.push_back(Ulid::generate().str());
    }
    std::vector<RawRow> next(std::size_t count) {
        std::vector<RawRow> rows;
        rows.reserve(count);
        while (rows.size() < count) {
            at_ = (at_ + 1) % ids_.size();
            rows.push_back({ids_[at_], ++heads_[at_], Ulid::generate().str()});
        }
        return rows;
    }

 private:
    std::vector<std::string> ids_;
    std::vector<std::int64_t> heads_;
    std::size_t at_ = 0;
};

// How often `commit(rows)` manages so many rows, over so long: rows a second.
template <class Commit>
double rawRate(int conversations, int batch, std::chrono::seconds time, Commit&& commit) {
    using Clock = std::chrono::steady_clock;
    RawRows source(conversations);
    std::uint64_t events = 0;
    const auto begin = Clock::now();
    while (Clock::now() - begin < time) {
        const auto rows = source.next(static_cast<std::size_t>(batch));
        commit(rows);
        events += rows.size();
    }
    return static_cast<double>(events) /
           std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace parlor::bench
