#include "agent-desktop/core/actions/set_status.h"

#include <QDateTime>

#include "proto/topics.h"

namespace parlor::agent {
namespace {

constexpr std::chrono::seconds kStatusLease{90};  // docs/protocol.md: a/{agent}/status

bus::Message statusMessage(const Identity& identity, const Status& status) {
    v1::AgentStatus told;
    told.set_state(status.state);
    told.set_name(identity.name);
    told.set_since_ms(status.sinceMs);
    told.set_capacity(identity.capacity);

    bus::Message message;
    message.topic = topics::format(topics::Status{identity.site, identity.agent});
    message.payload = encode(told);
    message.retain = true;
    if (status.state != v1::AgentStatus::STATE_OFFLINE) message.expiry = kStatusLease;
    return message;
}

}  // namespace

void publishStatus(BusLink& link, const Identity& identity, const Status& status,
                   std::chrono::milliseconds timeout) {
    // Not followed up: it is told again soon, and after every reconnect.
    link.publish(statusMessage(identity, status), timeout, nullptr, nullptr);
}

bus::Message offlineWill(const Identity& identity) {
    return statusMessage(identity,
                         {v1::AgentStatus::STATE_OFFLINE, QDateTime::currentMSecsSinceEpoch()});
}

}  // namespace parlor::agent
