#include "gateway/session/trace.h"

#include <algorithm>
#include <random>

namespace parlor::gateway {
namespace {

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
        out += traceIdOf(header);
    } else {
        appendRandomHex(out, 32);
    }
    out += '-';
    appendRandomHex(out, 16);
    out += '-';
    out += given ? traceFlagsOf(header) : "00";
    return out;
}

}  // namespace parlor::gateway
