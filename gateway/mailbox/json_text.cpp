#include "gateway/mailbox/json_text.h"

#include <cstdint>
#include <cstring>

namespace parlor::gateway {
namespace {

constexpr bool needsEscape(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// Eight characters at a time: true where one of them may need escaping (a character that does is
// never missed; one behind it may be taken for such).
bool anyNeedsEscape(std::uint64_t eight) {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kHighs = 0x8080808080808080;
    // The high bit of each byte that is 0 (Warren, Hacker's Delight, 6-1), or below 0x20.
    const auto zeros = [](std::uint64_t x) { return (x - kOnes) & ~x; };
    const std::uint64_t controls = (eight - kOnes * 0x20) & ~eight;
    return ((controls | zeros(eight ^ (kOnes * '"')) | zeros(eight ^ (kOnes * '\\'))) & kHighs) !=
           0;
}

// How many characters from `at` on need no escaping.
std::size_t plainLength(std::string_view text, std::size_t at) {
    std::size_t end = at;
    for (std::uint64_t eight = 0; end + sizeof eight <= text.size(); end += sizeof eight) {
        std::memcpy(&eight, text.data() + end, sizeof eight);
        if (anyNeedsEscape(eight)) break;
    }
    while (end < text.size() && !needsEscape(text[end])) ++end;
    return end - at;
}

void appendEscaped(std::string& out, char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += "\\u00";
            out += kDigits[static_cast<unsigned char>(c) >> 4U];
            out += kDigits[static_cast<unsigned char>(c) & 15U];
            break;
    }
}

}  // namespace

void appendJson(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const auto plain = plainLength(text, at);
        out += text.substr(at, plain);
        at += plain;
        if (at < text.size()) appendEscaped(out, text[at++]);
    }
    out += '"';
}

}  // namespace parlor::gateway
