#include "ledger/announce/reply_address.h"

#include "proto/codec.h"

namespace parlor::ledger {
namespace {

constexpr std::size_t kMaxCorrelationBytes = 64;
constexpr std::chrono::seconds kReplyExpiry{60};

}  // namespace

boost::system::result<ReplyAddress, ReplyFault> replyAddress(const bus::Message& message,
                                                             const SiteId& site,
                                                             std::string_view caller) {
    const auto topic = topics::parse(message.responseTopic);
    if (!topic) return ReplyFault::responseTopic;
    const auto* reply = std::get_if<topics::Reply>(&*topic);
    if (reply == nullptr || reply->site != site || reply->caller.str() != caller) {
        return ReplyFault::responseTopic;
    }
    const std::size_t size = message.correlationData.size();
    if (size == 0 || size > kMaxCorrelationBytes) return ReplyFault::correlation;
    return ReplyAddress{*reply, message.correlationData};
}

bus::Message replyMessage(const ReplyAddress& address, const v1::Response& response) {
    bus::Message message;
    message.topic = topics::format(address.topic);
    message.payload = encode(response);
    message.expiry = kReplyExpiry;
    message.correlationData = address.correlation;
    return message;
}

bus::Message repliesMessage(const topics::Reply& topic, const v1::Answers& answers) {
    bus::Message message;
    message.topic = topics::format(topic);
    message.payload = encode(answers);
    message.qos = bus::Qos::atMostOnce;
    message.expiry = kReplyExpiry;
    return message;
}

}  // namespace parlor::ledger
