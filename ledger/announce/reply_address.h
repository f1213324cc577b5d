#pragma once

#include <string>

#include "bus/bus.h"
#include "parlor/v1/rpc.pb.h"
#include "proto/ids.h"
#include "proto/topics.h"

namespace parlor::ledger {

// Where an answer goes: the sender's own reply topic, and what it recognises its request by.
struct ReplyAddress {
    topics::Reply topic;
    std::string correlation;
};

enum class ReplyFault { responseTopic, correlation };

// Reads it from a message. A response topic must be one of `caller` at `site`: nobody makes the
// ledger write elsewhere.
boost::system::result<ReplyAddress, ReplyFault> replyAddress(const bus::Message& message,
                                                             const SiteId& site,
                                                             std::string_view caller);

// QoS 1, not retained, expires after 60 s.
bus::Message replyMessage(const ReplyAddress& address, const v1::Response& response);
// Several answers to one gateway in one message, which has no correlation data of its own. QoS 0:
// a gateway that hears nothing asks again.
bus::Message repliesMessage(const topics::Reply& topic, const v1::Answers& answers);

}  // namespace parlor::ledger
