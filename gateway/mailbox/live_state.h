#pragma once

// What a conversation's live signals add up to, for readers that come between them: polls, and
// streams that have just begun.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "proto/codec.h"

namespace parlor::gateway {

// One signal on out/live. Immutable.
struct LiveSignal {
    std::string party;  // the topic's: "ledger" or an agent
    v1::Live live;
    std::string members;  // of a JSON object: "from":{…},"typing":{…}
};
using LiveSignalRef = std::shared_ptr<const LiveSignal>;

// Of one party and kind: the later one says all that the earlier one said.
bool sameKind(const LiveSignal& a, const LiveSignal& b);
// True where `signal` says nothing beyond `known`, which is of the same kind and came before:
// reading goes forward only, and signals have no order of their own.
bool isOutdated(const LiveSignal& signal, const LiveSignal& known);

// The newest signal of each party and kind. One thread.
class LiveState {
 public:
    static constexpr std::int64_t kTypingLifeMs = 10'000;  // of one that nobody renews
    static constexpr std::size_t kMaxItems = 16;           // the oldest goes

    void apply(LiveSignalRef signal, std::int64_t nowMs);
    // The conversation waits no longer.
    void forgetQueuePosition(std::int64_t nowMs);

    // When it last changed (Unix ms); grows with every change.
    std::int64_t changedAtMs() const { return changedAtMs_; }
    // What holds now, oldest first.
    std::vector<LiveSignalRef> current(std::int64_t nowMs) const;
    // "live":[…],"live_at":N
    std::string members(std::int64_t nowMs) const;

 private:
    struct Item {
        LiveSignalRef signal;
        std::int64_t atMs;
    };
    void changed(std::int64_t nowMs);

    std::vector<Item> items_;
    std::int64_t changedAtMs_ = 0;
};

}  // namespace parlor::gateway
