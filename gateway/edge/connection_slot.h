#pragma once

// One connection's place among those that are allowed, in all and by address.

#include <string>
#include <unordered_map>
#include <utility>

#include "gateway/mailbox/stats.h"

namespace parlor::gateway {

class ConnectionSlot;

// One shard's; one thread.
class ConnectionLimits {
 public:
    // 0: no limit by address.
    ConnectionLimits(std::size_t all, std::size_t perAddress, Stats& stats)
        : all_(all), perAddress_(perAddress), stats_(stats) {}

    // `address` is rateKey()'s, empty for one that is not counted. An empty slot: too many.
    ConnectionSlot take(const std::string& address);

 private:
    friend class ConnectionSlot;
    using ByAddress = std::unordered_map<std::string, std::size_t>;

    const std::size_t all_;
    const std::size_t perAddress_;
    Stats& stats_;
    ByAddress byAddress_;
};

// Move-only; gives its place back when it goes.
class ConnectionSlot {
 public:
    ConnectionSlot() = default;
    ~ConnectionSlot() { release(); }
    ConnectionSlot(ConnectionSlot&& other) noexcept
        : limits_(std::exchange(other.limits_, nullptr)),
          counted_(std::exchange(other.counted_, nullptr)) {}
    ConnectionSlot& operator=(ConnectionSlot&& other) noexcept {
        release();
        limits_ = std::exchange(other.limits_, nullptr);
        counted_ = std::exchange(other.counted_, nullptr);
        return *this;
    }
    explicit operator bool() const { return limits_ != nullptr; }

 private:
    friend class ConnectionLimits;
    ConnectionSlot(ConnectionLimits& limits, ConnectionLimits::ByAddress::value_type* counted)
        : limits_(&limits), counted_(counted) {
        limits.stats_.connections.add(1);
    }
    void release() {
        if (limits_ == nullptr) return;
        limits_->stats_.connections.add(-1);
        if (counted_ != nullptr && --counted_->second == 0) {
            limits_->byAddress_.erase(std::string(counted_->first));
        }
        limits_ = nullptr;
    }

    ConnectionLimits* limits_ = nullptr;
    ConnectionLimits::ByAddress::value_type* counted_ = nullptr;  // a node of limits_
};

inline ConnectionSlot ConnectionLimits::take(const std::string& address) {
    if (static_cast<std::size_t>(stats_.connections.value()) >= all_) return {};
    if (perAddress_ == 0 || address.empty()) return ConnectionSlot(*this, nullptr);
    auto& counted = *byAddress_.try_emplace(address, 0).first;
    if (counted.second >= perAddress_) return {};
    ++counted.second;
    return ConnectionSlot(*this, &counted);
}

}  // namespace parlor::gateway
