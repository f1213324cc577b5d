#pragma once

// JSON bodies from visitors, and JSON that answers them.

#include <string>
#include <string_view>
#include <variant>

#include "proto/codec.h"

namespace parlor::gateway {

// {} or {"request_id":…,"department":…,"visitor":{…}}, validated, without a conversation's id; with
// a request id only where there is one. Unknown members are ignored.
Expected<v1::OpenRequest> parseOpen(std::string_view body);

// {"request_id":…,"message":{…}} and its like, with exactly one body, validated.
Expected<v1::Draft> parseDraft(std::string_view body);

// {} or {"request_id":…,"format":"text"|"html"|"json","lang":"en"|"zh"}, without a conversation's
// id; with a request id only where there is one.
Expected<v1::TranscriptRequest> parseTranscript(std::string_view body);

// What is not recorded: typing and reading, or presence.
using VisitorSignal = std::variant<v1::Live, v1::Presence>;
// {"typing":…}, {"read":…} or {"presence":…}, alone and validated.
Expected<VisitorSignal> parseSignal(std::string_view body);
Expected<bool> validateSignal(const v1::Live& live);
Expected<bool> validateSignal(const v1::Presence& presence);
// "here" or "away".
Expected<v1::Presence::State> parsePresenceState(std::string_view word);

// What a WebSocket's frame may hold.
struct BadDraft {
    std::string requestId;  // a ULID: it can be answered
    Error error;
};
using ClientFrame = std::variant<v1::Draft, VisitorSignal, BadDraft>;
// Of a text frame. malformed: neither a draft nor a signal, nor even something that could be
// answered.
Expected<ClientFrame> parseFrame(std::string_view frame);

// {"request_id":…,"seq":…,"cursor":…}
std::string recordedMembers(std::string_view requestId, const v1::Recorded& recorded);

}  // namespace parlor::gateway
