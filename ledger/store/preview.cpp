#include "ledger/store/preview.h"

#include <algorithm>
#include <cstddef>

#include "parlor/v1/event.pb.h"

namespace parlor::ledger {
namespace {

constexpr std::size_t kCodePoints = 120;

}  // namespace

std::string previewOf(const std::string& text) {
    std::size_t points = 0;
    // A code point starts where a byte is not a continuation (10xxxxxx).
    const auto end = std::find_if(text.begin(), text.end(), [&](char c) {
        const bool starts = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        return starts && points++ == kCodePoints;
    });
    return {text.begin(), end};
}

std::string previewOfEvent(const std::string& bytes) {
    v1::Event event;
    if (!event.ParseFromString(bytes)) return {};
    return previewOf(event.message().text());
}

}  // namespace parlor::ledger
