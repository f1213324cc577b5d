#include "proto/trace.h"

namespace parlor {
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

}  // namespace

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

std::string_view traceIdOf(std::string_view traceparent) {
    return traceparent.substr(kTraceAt, kTraceDigits);
}

std::string_view traceFlagsOf(std::string_view traceparent) {
    return traceparent.substr(kFlagsAt, 2);
}

bool isSampled(std::string_view traceparent) {
    constexpr std::string_view kOdd = "13579bdf";  // the lowest bit
    return kOdd.find(traceFlagsOf(traceparent).back()) != std::string_view::npos;
}

std::string traceMember(std::string_view traceparent) {
    return traceparent.empty() ? std::string() : " trace=" + std::string(traceIdOf(traceparent));
}

std::string_view traceparentOf(
    const std::vector<std::pair<std::string, std::string>>& userProperties) {
    for (const auto& [name, value] : userProperties) {
        if (name == kTraceparent) return isTraceparent(value) ? value : std::string_view();
    }
    return {};
}

}  // namespace parlor
