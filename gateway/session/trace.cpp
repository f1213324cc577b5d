#include "gateway/session/trace.h"

#include <algorithm>
#include <random>

namespace parlor::gateway {
namespace {

// version "-" trace-id "-" parent-id "-" flags
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanAt = kTraceAt + kTraceDigits + 1;
constexpr std::size_t kSpanDigits = 16;
constexpr std::size_t kFlagsAt = kSpanAt + kSpanDigits + 1;
constexpr std::size_t kLength = kFlagsAt + 2;

bool isHex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool isZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

// Of a later version only the part that this one knows counts.
bool isTraceparent(std::string_view text) {
    if (text.size() < kLength) return false;
    const std::string_view version = text.substr(0, 2);
    if (!isHex(version) || version == "ff") return false;
    if (text.size() > kLength && (version == "00" || text[kLength] != '-')) return false;
    const std::string_view trace = text.substr(kTraceAt, kTraceDigits);
    const std::string_view span = text.substr(kSpanAt, kSpanDigits);
    return text[2] == '-' && text[kSpanAt - 1] == '-' && text[kFlagsAt - 1] == '-' &&
           isHex(trace) && !isZero(trace) && isHex(span) && !isZero(span) &&
           isHex(text.substr(kFlagsAt, 2));
}

void appendRandomHex(std::string& out, std::size_t digits) {
    thread_local std::mt19937_64 random{
        (static_cast<std::uint64_t>(std::random_device()()) << 32U) ^ std::random_device()()};
    for (std::size_t i = 0; i < digits; i += 16) {
        std::uint64_t bits = random() | 1U;  // never zero
        for (std::size_t n = 0; n < std::min<std::size_t>(16, digits - i); ++n, bits >>= 4U) {
            out += "0123456789abcdef"[bits & 15U];
        }
    }
}

}  // namespace

std::string traceparentFor(std::string_view header) {
    const bool given = isTraceparent(header);
    std::string out = "00-";
    if (given) {
        out += header.substr(kTraceAt, kTraceDigits);
    } else {
        appendRandomHex(out, kTraceDigits);
    }
    out += '-';
    appendRandomHex(out, kSpanDigits);
    out += '-';
    out += given ? header.substr(kFlagsAt, 2) : "00";
    return out;
}

std::string_view traceIdOf(std::string_view traceparent) {
    return traceparent.substr(kTraceAt, kTraceDigits);
}

}  // namespace parlor::gateway
