#pragma once

// When a visitor's presence (in/presence, a lease of 90 s) is to be published.
//
// Several replicas may serve one visitor in turn, and none sees what the others publish. So AWAY is
// said only after the visitor's side closed a connection and nobody came back here for kAwayGrace;
// and since the visitor may have gone on at another replica meanwhile, a fresh reader there repeats
// its HERE once after kSecond, past the time at which such an AWAY can come.

#include <algorithm>
#include <chrono>
#include <optional>

#include "gateway/mailbox/timer_wheel.h"
#include "proto/codec.h"

namespace parlor::gateway {

class Lease {
 public:
    static constexpr std::chrono::seconds kLifetime{90};
    static constexpr std::chrono::seconds kRefresh{30};
    static constexpr std::chrono::seconds kAwayGrace{10};
    static constexpr std::chrono::seconds kSecond{12};
    static constexpr std::chrono::seconds kPause{1};  // between changes

    void onFirstReader(Time now) {
        awayAt_ = kNever;
        if (now - publishedAt_ >= kAwayGrace) {
            nextAt_ = now;
            fresh_ = true;
        } else if (changed_) {
            nextAt_ = std::max(now, publishedAt_ + kPause);
        } else if (nextAt_ == kNever) {
            nextAt_ = publishedAt_ + kRefresh;
        }
    }
    void onLastReaderGone(Time now, bool peerLeft) {
        nextAt_ = kNever;
        if (peerLeft) awayAt_ = now + kAwayGrace;
    }
    // The visitor says something else than before. It is published soon, or by the next reader.
    void onChange(Time now) {
        changed_ = true;
        if (nextAt_ != kNever) nextAt_ = std::max(now, publishedAt_ + kPause);
    }
    // When to call due() next; Time::max(): never.
    Time next() const { return nextAt_ < awayAt_ ? nextAt_ : awayAt_; }
    // What to publish now, if anything. STATE_HERE stands for what the visitor says of itself.
    std::optional<v1::Presence::State> due(Time now) {
        if (awayAt_ <= now) {
            awayAt_ = kNever;
            publishedAt_ = Time{};  // the next reader says HERE at once
            return v1::Presence::STATE_AWAY;
        }
        if (nextAt_ > now) return {};
        publishedAt_ = now;
        nextAt_ = now + (fresh_ ? kSecond : kRefresh);
        fresh_ = false;
        changed_ = false;
        return v1::Presence::STATE_HERE;
    }

 private:
    static constexpr Time kNever = Time::max();
    Time publishedAt_{};
    Time nextAt_ = kNever;
    Time awayAt_ = kNever;
    bool fresh_ = false;
    bool changed_ = false;
};

}  // namespace parlor::gateway
