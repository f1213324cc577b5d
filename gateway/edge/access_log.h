#pragma once

// The log's lines of calls and of posts on WebSockets, as far as EdgeConfig::logRequests asks for
// them: ids and statuses, never what was said. In logfmt, one form for all:
//
//   request id=… call=event status=201 trace=… conversation=… draft=…
//
// Shard's thread only.

#include <cstdint>
#include <string>

#include "gateway/edge/exchange.h"
#include "gateway/session/post_broker.h"

namespace parlor::gateway {

// A call that was answered with `status`, or whose connection goes on as a stream (200) or a
// WebSocket (101).
void logCall(const Services& services, const Exchange& exchange, unsigned status);
// A poll that waited and is answered now: its request is gone.
void logPoll(const Services& services, std::uint64_t requestId, const ConversationId& conversation,
             unsigned status);
// A request that could not be read.
void logUnread(const Services& services, std::uint64_t requestId, unsigned status);

struct SocketPost {
    std::uint64_t requestId;  // the handshake's
    ConversationId conversation;
    std::string draft;  // its request id
    std::string traceparent;
};
// `status`: what POST would have been answered with.
void logPost(const Services& services, const SocketPost& post, unsigned status);
void logPost(const Services& services, const SocketPost& post, const PostBroker::Outcome& outcome);

// An event came whose post belongs to a sampled trace.
void logArrival(const Services& services, const ConversationId& conversation,
                std::string_view traceparent);

}  // namespace parlor::gateway
