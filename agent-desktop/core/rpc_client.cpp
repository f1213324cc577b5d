#include "agent-desktop/core/rpc_client.h"

#include <utility>
#include <vector>

namespace parlor::agent {
namespace {

constexpr std::chrono::seconds kExpiry{30};  // docs/protocol.md: in/agent/… and rpc/…

Expected<v1::Response> readResponse(const bus::Message& message) {
    auto response = decode<v1::Response>(message.payload);
    if (response && response->has_failure()) return toError(response->failure());
    return response;
}

}  // namespace

RpcClient::RpcClient(BusLink& link, Identity identity, QObject* parent)
    : QObject(parent), link_(link), identity_(std::move(identity)) {
    connect(&link_, &BusLink::connectedChanged, this, [this](bool connected) {
        if (!connected) failAll({Errc::unavailable, "the connection was lost"});
    });
}

void RpcClient::call(const topics::Topic& to, std::string payload,
                     std::chrono::milliseconds timeout, QObject* context, Handler handler) {
    const std::string correlation = std::to_string(next_++);
    Call& call = calls_[correlation];
    call.context = context;
    call.handler = std::move(handler);
    call.timer = std::make_unique<QTimer>();
    call.timer->setSingleShot(true);
    connect(call.timer.get(), &QTimer::timeout, this, [this, correlation] {
        finish(correlation, Error{Errc::deadline, "the server did not answer in time"});
    });
    call.timer->start(timeout);

    if (!link_.isConnected()) {
        QMetaObject::invokeMethod(
            this,
            [this, correlation] {
                finish(correlation, Error{Errc::unavailable, "not connected to the server"});
            },
            Qt::QueuedConnection);
        return;
    }

    bus::Message message;
    message.topic = topics::format(to);
    message.payload = std::move(payload);
    message.expiry = kExpiry;
    message.responseTopic = topics::format(
        topics::Reply{identity_.site, *CallerId::parse(identity_.agent.str()), identity_.client});
    message.correlationData = correlation;
    link_.publish(std::move(message), timeout, this,
                  [this, correlation](const Expected<void>& outcome) {
                      // Sent is not answered: only a failure ends the call early.
                      if (!outcome) finish(correlation, outcome.error());
                  });
}

void RpcClient::onReply(const bus::Message& message) {
    if (calls_.contains(message.correlationData)) {
        finish(message.correlationData, readResponse(message));
    }
}

void RpcClient::finish(const std::string& correlation, const Expected<v1::Response>& outcome) {
    const auto found = calls_.find(correlation);
    if (found == calls_.end()) return;
    Call call = std::move(found->second);
    calls_.erase(found);
    // Its own timer may be the caller: it must survive until control is back in the event loop.
    call.timer.release()->deleteLater();
    if (call.context) call.handler(outcome);
}

void RpcClient::failAll(const Error& error) {
    // Handlers may call anew; only what was under way is failed.
    std::vector<std::string> underWay;
    for (const auto& [correlation, call] : calls_) underWay.push_back(correlation);
    for (const auto& correlation : underWay) finish(correlation, error);
}

}  // namespace parlor::agent
