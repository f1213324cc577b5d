#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "bus/bus.h"
#include "ledger/intake/batch.h"

namespace parlor::ledger {

// Batches that are on disk, between the recorders and the thread that announces them; and which
// transactions are on their way there. Bounded in number. Thread-safe.
class RecordedQueue {
 public:
    // A transaction, by the order in which they begin.
    using Turn = std::uint64_t;
    struct Recorded {
        Turn turn = 0;
        std::unique_ptr<Batch> batch;
    };

    explicit RecordedQueue(std::size_t room) : room_(room) {}

    // `conversations`: what it may change.
    Turn begin(std::vector<ConversationId> conversations);
    // It has ended, with nothing to announce.
    void end(Turn turn);
    // It is on disk. Waits for room.
    void push(Recorded recorded);
    // Waits until there is something, somebody has called wake(), end() or close() since the last
    // time, or `until` has come; nothing: no batch. Whoever has announced it calls end().
    Recorded take(bus::Deadline until);
    void wake();
    // Nothing more comes.
    void close();
    bool finished() const;  // closed and empty

    // The newest that has begun.
    Turn newest() const;
    // True where that turn and all before it have ended.
    bool isOver(Turn turn) const;
    // Those that a turn which has not ended may change.
    std::vector<ConversationId> underWay(std::span<const ConversationId> of) const;

 private:
    const std::size_t room_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable hasRoom_;
    Turn newest_ = 0;                                       // mutex_
    std::map<Turn, std::vector<ConversationId>> underWay_;  // mutex_
    std::deque<Recorded> waiting_;                          // mutex_
    bool woken_ = false;                                    // mutex_
    bool closed_ = false;                                   // mutex_
};

}  // namespace parlor::ledger
