#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/errors.h"

namespace parlor {

// Where a consumer stands in a conversation's shared stream: "epoch.seq", the same on every
// transport.
struct Cursor {
    std::uint32_t epoch = 0;  // 0: not known, fits any
    std::uint64_t seq = 0;    // 0: before the first event

    // Reads "epoch.seq", or "seq" alone. Errc::malformed for anything else, signs and spaces
    // included.
    static Expected<Cursor> parse(std::string_view text);
    std::string str() const;
    bool operator==(const Cursor&) const = default;
};

}  // namespace parlor
