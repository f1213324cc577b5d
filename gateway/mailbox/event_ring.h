#pragma once

// The newest events of one conversation, contiguous, bounded in number and bytes.

#include <span>
#include <vector>

#include "gateway/mailbox/page.h"

namespace parlor::gateway {

class EventRing {
 public:
    static constexpr std::size_t kMaxEvents = 64;
    static constexpr std::size_t kMaxBytes = 128 * 1024;

    // The newest seq there is, whether or not its event is still held.
    std::uint64_t last() const { return last_; }
    bool empty() const { return held().empty(); }
    // True where everything after `seq` is held.
    bool covers(std::uint64_t seq) const { return seq + held().size() >= last_; }
    // The events after `seq`; covers(seq) holds and seq ≤ last().
    std::span<const EventRef> after(std::uint64_t seq) const;

    // `event` follows last().
    void append(EventRef event);
    // Adds older events in front while there is room: `events` are ascending and reach up to the
    // first one held, or beyond it.
    void prepend(std::span<const EventRef> events);
    // Forgets all; the newest seq is `last` from now on.
    void restart(std::uint64_t last);

 private:
    std::span<const EventRef> held() const { return std::span(events_).subspan(first_); }
    void trim();
    void closeUp();

    // Those before first_ are gone. Moving all forwards for each one that goes would touch the
    // whole ring every time; it is done once in kMaxEvents times.
    std::vector<EventRef> events_;
    std::size_t first_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t last_ = 0;
};

}  // namespace parlor::gateway
