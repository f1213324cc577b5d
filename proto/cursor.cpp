#include "proto/cursor.h"

#include <charconv>

namespace parlor {
namespace {

template <class Number>
bool readWhole(std::string_view text, Number& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Expected<Cursor> Cursor::parse(std::string_view text) {
    Cursor cursor;
    const auto dot = text.find('.');
    const bool hasEpoch = dot != std::string_view::npos;
    if (hasEpoch && !readWhole(text.substr(0, dot), cursor.epoch)) {
        return Error{Errc::malformed, "cursor: the epoch before the dot is not a number"};
    }
    if (!readWhole(hasEpoch ? text.substr(dot + 1) : text, cursor.seq)) {
        return Error{Errc::malformed, "cursor: must be a sequence number or epoch.seq"};
    }
    return cursor;
}

std::string Cursor::str() const { return std::to_string(epoch) + "." + std::to_string(seq); }

}  // namespace parlor
