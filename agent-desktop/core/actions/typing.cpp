#include "agent-desktop/core/actions/typing.h"

#include <utility>

#include "proto/codec.h"
#include "proto/topics.h"

namespace parlor::agent {
namespace {

constexpr std::chrono::seconds kExpiry{10};  // docs/protocol.md: out/live

}  // namespace

TypingSignal::TypingSignal(BusLink& link, Identity identity, ConversationId conversation,
                           const Timing& timing, QObject* parent)
    : QObject(parent),
      link_(link),
      identity_(std::move(identity)),
      conversation_(conversation),
      timing_(timing) {
    idle_.setSingleShot(true);
    connect(&idle_, &QTimer::timeout, this, &TypingSignal::stop);
}

void TypingSignal::typed() {
    if (!lastSent_.isValid() || lastSent_.hasExpired(timing_.typingRepeat.count())) {
        publish(true);
        lastSent_.start();
    }
    idle_.start(timing_.typingTimeout);
}

void TypingSignal::stop() {
    idle_.stop();
    if (!lastSent_.isValid()) return;
    lastSent_.invalidate();
    publish(false);
}

void TypingSignal::publish(bool active) {
    if (!link_.isConnected()) return;
    v1::Live live;
    live.mutable_typing()->set_active(active);

    bus::Message message;
    message.topic = topics::format(
        topics::LiveOut{identity_.site, conversation_, *PartyId::parse(identity_.agent.str())});
    message.payload = encode(live);
    message.qos = bus::Qos::atMostOnce;
    message.expiry = kExpiry;
    link_.publish(std::move(message), timing_.request, nullptr, nullptr);
}

}  // namespace parlor::agent
