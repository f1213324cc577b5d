#pragma once

// Token buckets by key, bounded in number.

#include <cstdint>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "gateway/mailbox/timer_wheel.h"
#include "proto/ids.h"

namespace parlor::gateway {

struct Rate {
    double perSecond = 0;  // 0: no limit
    double burst = 0;      // how many at once
};

// One thread.
class RateLimiter {
 public:
    static constexpr std::size_t kMaxKeys = 65536;  // the one not used for longest goes

    explicit RateLimiter(Rate rate);

    // Nothing: go ahead, one token has been taken. Otherwise how long until there is one.
    std::optional<Duration> take(std::string_view key, Time now);
    std::size_t size() const { return buckets_.size(); }

 private:
    struct Bucket {
        std::uint64_t key;
        double tokens;
        Time at;
    };

    const Rate rate_;
    const std::uint64_t seed_;   // nobody can choose keys that collide
    std::list<Bucket> buckets_;  // newest use first
    std::unordered_map<std::uint64_t, std::list<Bucket>::iterator> byKey_;
};

// The two rates of what a visitor sends: of its conversation, and of its address, which an office
// shares. One thread.
class VisitorLimiter {
 public:
    VisitorLimiter(Rate byConversation, Rate byAddress);

    // As RateLimiter::take. What the conversation's rate refuses does not count against the
    // address. An empty `address` is nobody's.
    std::optional<Duration> take(const ConversationId& conversation, std::string_view address,
                                 Time now);

 private:
    RateLimiter byConversation_;
    RateLimiter byAddress_;
};

}  // namespace parlor::gateway
