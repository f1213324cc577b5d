#pragma once

// Events and live signals in JSON, as visitors see them (docs/protocol.md).

#include <string>
#include <string_view>

#include "proto/codec.h"

namespace parlor::gateway {

// {"seq":3,"at":"…","from":{…},"type":"message","request_id":"…","message":{…}}. An event without a
// body (erased, or of a kind this version does not know) has no member besides `type`.
std::string eventJson(const v1::Event& event);

// The members of a live frame after its type: "from":{…},"typing":{…}. Empty where the signal has
// nothing for visitors. `party` is the topic's: "ledger" or an agent.
std::string liveMembers(std::string_view party, const v1::Live& live);

// RFC 3339 in UTC with milliseconds.
std::string rfc3339(std::int64_t unixMs);

}  // namespace parlor::gateway
