#pragma once

// What a call that reads events says in its query, on every transport.

#include <optional>
#include <string>
#include <string_view>

#include "gateway/edge/routes.h"
#include "proto/codec.h"
#include "proto/cursor.h"

namespace parlor::gateway {

struct ReaderQuery {
    Cursor cursor;                         // after=
    std::optional<v1::Presence> presence;  // presence=, page_url=, page_title=
    std::string client;                    // client=: how it names itself; empty: it does not
    // live=: a poll may be ended by a live signal later than that (Unix ms).
    std::optional<std::int64_t> liveAfter;
};

// malformed. `lastEventId` counts more than after=, where it is not empty.
Expected<ReaderQuery> readerQuery(const Target& target, std::string_view lastEventId = {});

}  // namespace parlor::gateway
