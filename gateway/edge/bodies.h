#pragma once

// JSON bodies from visitors, and JSON that answers them.

#include <string>
#include <string_view>
#include <variant>

#include "proto/codec.h"

namespace parlor::gateway {

// {} or {"department":…,"visitor":{…}}, validated, without ids. Unknown members are ignored.
Expected<v1::OpenRequest> parseOpen(std::string_view body);

// {"request_id":…,"message":{…}} and its like, with exactly one body, validated.
Expected<v1::Draft> parseDraft(std::string_view body);

// What a WebSocket's text frame may hold.
struct BadDraft {
    std::string requestId;  // a ULID: it can be answered
    Error error;
};
using ClientFrame = std::variant<v1::Draft, v1::Typing, BadDraft>;
// malformed: neither a draft nor a signal, nor even something that could be answered.
Expected<ClientFrame> parseFrame(std::string_view frame);

// {"request_id":…,"seq":…,"cursor":…}
std::string recordedMembers(std::string_view requestId, const v1::Recorded& recorded);

}  // namespace parlor::gateway
