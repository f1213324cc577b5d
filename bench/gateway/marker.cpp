#include "bench/gateway/marker.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace parlor::bench {
namespace {

constexpr std::string_view kSign = "@@";
constexpr std::size_t kDigits = kMarkerBytes - kSign.size();

}  // namespace

std::string makeText(Clock::time_point due, std::size_t size) {
    std::string text(std::max(size, kMarkerBytes), 'x');
    text.replace(0, kSign.size(), kSign);
    auto value = static_cast<std::uint64_t>(due.time_since_epoch().count());
    for (std::size_t i = kMarkerBytes; i-- > kSign.size(); value >>= 4) {
        text[i] = "0123456789abcdef"[value & 15U];
    }
    return text;
}

void Deliveries::scan(std::string_view text, Clock::time_point now) {
    for (std::size_t at = text.find(kSign); at != std::string_view::npos;
         at = text.find(kSign, at + kSign.size())) {
        const auto* digits = text.data() + at + kSign.size();
        if (text.size() - at < kMarkerBytes) return;
        std::int64_t value = 0;
        if (std::from_chars(digits, digits + kDigits, value, 16).ptr != digits + kDigits) continue;
        ++count_;
        const Clock::time_point due{std::chrono::nanoseconds(value)};
        if (due >= recordFrom_) latencies_.add(now - due);
    }
}

void Deliveries::record(Clock::time_point from) {
    recordFrom_ = from;
    latencies_ = {};
}

}  // namespace parlor::bench
