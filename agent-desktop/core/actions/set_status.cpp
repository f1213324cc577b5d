#include "agent-desktop/core/actions/set_status.h"

#include <QDateTime>

#include "proto/topics.h"

namespace parlor::agent {
namespace {

bus::Message statusMessage(const Identity& identity, v1::AgentStatus::State state) {
    v1::AgentStatus status;
    status.set_state(state);
    status.set_name(identity.name);
    status.set_since_ms(QDateTime::currentMSecsSinceEpoch());
    status.set_capacity(identity.capacity);

    bus::Message message;
    message.topic = topics::format(topics::Status{identity.site, identity.agent});
    message.payload = encode(status);
    message.retain = true;
    return message;
}

}  // namespace

void publishStatus(BusLink& link, const Identity& identity, v1::AgentStatus::State state,
                   std::chrono::milliseconds timeout) {
    // Not followed up: after every reconnect it is published anew.
    link.publish(statusMessage(identity, state), timeout, nullptr, nullptr);
}

bus::Message offlineWill(const Identity& identity) {
    return statusMessage(identity, v1::AgentStatus::STATE_OFFLINE);
}

}  // namespace parlor::agent
