// The connection of a BrokerClient, from one phase to the next.

#include "bus/broker_client.h"

namespace parlor::bus::client {
namespace {

// How long a stop waits for the broker to close the connection, whatever its deadline.
constexpr std::chrono::milliseconds kGoodbye{200};

}  // namespace

void BrokerClient::on(Connected& connected) {
    if (phase_ != Phase::connecting) return;
    phase_ = Phase::restoring;
    session_->established();
    // One less than the broker takes: Paho counts subscribe packets as well, and past its limit it
    // would hold back everything.
    const auto window = std::min(options_.publishWindow, connected.receiveMaximum - 1);
    publications_.setLimits(std::max<std::size_t>(window, 1), connected.maximumPacket);
    subscriptions_.restore();
}

void BrokerClient::on(Arrived& arrived) {
    if (phase_ != Phase::leaving && handlers_.onMessage) {
        handlers_.onMessage(std::move(arrived.message));
    }
}

void BrokerClient::on(Disconnected&) {
    if (phase_ == Phase::leaving) phase_ = Phase::ended;
}

std::unique_ptr<Session> BrokerClient::newSession() {
    const auto& server = options_.servers[server_];
    server_ = (server_ + 1) % options_.servers.size();
    SessionSink& sink = *this;
    return makeSession_(options_, server, ++sessions_, sink);
}

void BrokerClient::connect() {
    phase_ = Phase::connecting;
    giveUpAt_ = Clock::now() + options_.connectTimeout;
    session_->connect(options_);
}

// The connection, or the attempt at one, has come to nothing: the next session is made at once and
// connects after a pause. It is made before the old one goes, because the end of Paho's last client
// in the process takes long.
void BrokerClient::lose(Error why) {
    if (phase_ == Phase::leaving) phase_ = Phase::ended;
    if (phase_ == Phase::ended) return;
    const bool was = online();
    const bool draining = phase_ == Phase::draining;
    why.text = session_->server() + ": " + why.text;
    lastFailure_ = why.text;
    if (was && Clock::now() - connectedAt_ >= options_.backoffMax) backoff_.reset();
    reconnectAt_ = Clock::now() + backoff_.next();
    phase_ = draining ? Phase::ended : Phase::pausing;
    session_ = newSession();
    publications_.onBroken(
        {Errc::unavailable, "the connection was lost before the broker answered"});
    subscriptions_.onBroken();
    if (was) {
        report(State::disconnected);
    } else if (handlers_.onConnectFailed) {
        handlers_.onConnectFailed(why);
    }
}

void BrokerClient::leave() {
    stopAt_ = std::max(stopAt_, Clock::now() + kGoodbye);
    phase_ = session_->disconnect() ? Phase::leaving : Phase::ended;
}

void BrokerClient::report(State state) {
    if (handlers_.onState) handlers_.onState(state);
}

Error BrokerClient::notConnected() const {
    return {Errc::unavailable, "not connected to the broker (" + lastFailure_ + ")"};
}

}  // namespace parlor::bus::client
