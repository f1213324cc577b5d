#include "gateway/session/reply_router.h"

#include <cstring>

namespace parlor::gateway {
namespace {

constexpr std::size_t kNonceBytes = 8;

std::string randomBytes() {
    // The random half of a ULID.
    const Ulid id = Ulid::generate();
    return {id.bytes().end() - kNonceBytes, id.bytes().end()};
}

}  // namespace

ReplyRouter::ReplyRouter(ClientId self, Stats& stats)
    : self_(std::move(self)), nonce_(randomBytes()), stats_(stats) {}

ReplyRouter::Ticket ReplyRouter::expect(Handler handler) {
    handlers_.emplace(++last_, std::move(handler));
    return static_cast<Ticket>(last_);
}

void ReplyRouter::forget(Ticket ticket) { handlers_.erase(static_cast<std::uint64_t>(ticket)); }

void ReplyRouter::address(bus::Message& message, const SiteId& site, Ticket ticket) const {
    const auto number = static_cast<std::uint64_t>(ticket);
    message.responseTopic =
        topics::format(topics::Reply{site, *CallerId::parse(kGatewayCaller), self_});
    message.correlationData = nonce_;
    message.correlationData.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void ReplyRouter::answer(std::string_view correlation, const v1::Response& response) {
    std::uint64_t number = 0;
    if (correlation.size() != kNonceBytes + sizeof number || !correlation.starts_with(nonce_)) {
        return stats_.dropped(Drop::unknown).add();
    }
    std::memcpy(&number, correlation.data() + kNonceBytes, sizeof number);
    const auto found = handlers_.find(number);
    if (found == handlers_.end()) return stats_.dropped(Drop::unknown).add();
    const Handler handler = found->second;  // it may forget its ticket
    handler(response);
}

void ReplyRouter::onReply(const bus::Message& message) {
    const auto answers = decodeReply(message.correlationData, message.payload);
    if (!answers) return stats_.dropped(Drop::malformed).add();
    for (const v1::Answer& each : *answers) answer(each.correlation(), each.response());
}

}  // namespace parlor::gateway
