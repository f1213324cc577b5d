#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "proto/codec.h"

namespace parlor::agent {

// Follows one stream of one conversation by the rule of docs/protocol.md: drops seq ≤ cursor, shows
// cursor + 1, keeps what lies behind a hole until history has filled it, and starts over when the
// epoch is another. Pure: no clock, no I/O; its owner does what `next` says.
class StreamFollower {
 public:
    enum class Next {
        nothing,
        waitForGap,    // a hole: if it is still there after 200 ms, ask history
        askHistory,    // ask history from seq() now
        retryHistory,  // history answered what cannot be: ask again, but not at once
    };
    struct Step {
        bool restarted = false;       // forget every event shown before
        std::vector<v1::Event> show;  // in order, each exactly once
        Next next = Next::nothing;
    };

    // An event from the log topic, in whatever order or number they come. Until the first history,
    // which the owner asks for by itself, they are only kept.
    Step onEvent(v1::Event event);
    // An answer to a history request that asked from `after`.
    Step onHistory(const v1::HistoryResponse& history, std::uint64_t after);

    std::uint64_t seq() const { return seq_; }      // highest shown; 0: none
    std::uint32_t epoch() const { return epoch_; }  // 0: history has not answered yet
    bool hasGap() const { return !ahead_.empty(); }

 private:
    void drain(Step& step);

    // Past this, what lies ahead is left to history.
    static constexpr std::size_t kMaxAhead = 1000;

    std::uint32_t epoch_ = 0;
    std::uint64_t seq_ = 0;
    std::map<std::uint64_t, v1::Event> ahead_;  // by seq, past seq_; of epoch_ once that is known
};

}  // namespace parlor::agent
