#include "gateway/session/rate_limiter.h"

#include <algorithm>
#include <random>

namespace parlor::gateway {
namespace {

std::uint64_t mix(std::uint64_t value) {  // the finaliser of SplitMix64
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

std::uint64_t hash(std::string_view key, std::uint64_t seed) {
    std::uint64_t value = seed;
    for (const char c : key) value = mix(value ^ static_cast<unsigned char>(c));
    return value;
}

std::uint64_t randomSeed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

RateLimiter::RateLimiter(Rate rate) : rate_(rate), seed_(randomSeed()) {}

std::optional<Duration> RateLimiter::take(std::string_view key, Time now) {
    if (rate_.perSecond <= 0) return {};
    const std::uint64_t hashed = hash(key, seed_);
    if (const auto found = byKey_.find(hashed); found != byKey_.end()) {
        buckets_.splice(buckets_.begin(), buckets_, found->second);
    } else {
        buckets_.push_front({hashed, rate_.burst, now});
        byKey_[hashed] = buckets_.begin();
        if (buckets_.size() > kMaxKeys) {
            byKey_.erase(buckets_.back().key);
            buckets_.pop_back();
        }
    }
    Bucket& bucket = buckets_.front();
    const double passed = std::chrono::duration<double>(now - bucket.at).count();
    bucket.tokens = std::min(rate_.burst, bucket.tokens + passed * rate_.perSecond);
    bucket.at = now;
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return {};
    }
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>((1 - bucket.tokens) / rate_.perSecond));
}

VisitorLimiter::VisitorLimiter(Rate byConversation, Rate byAddress)
    : byConversation_(byConversation), byAddress_(byAddress) {}

std::optional<Duration> VisitorLimiter::take(const ConversationId& conversation,
                                             std::string_view address, Time now) {
    const auto& bytes = conversation.ulid().bytes();
    const std::string_view key(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (const auto wait = byConversation_.take(key, now)) return wait;
    if (address.empty()) return {};
    return byAddress_.take(address, now);
}

}  // namespace parlor::gateway
