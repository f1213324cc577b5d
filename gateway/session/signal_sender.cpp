#include "gateway/session/signal_sender.h"

#include <utility>

#include "gateway/session/trace.h"

namespace parlor::gateway {
namespace {

constexpr std::chrono::seconds kExpiry{10};
constexpr std::chrono::seconds kDeadline{2};

}  // namespace

// One conversation that was quiet less than kInterval ago.
struct SignalSender::Lane {
    Lane(SiteId siteOf, std::function<void()> onTimer)
        : site(std::move(siteOf)), timer(std::move(onTimer)) {}

    const SiteId site;
    std::optional<Signal> typing;
    std::optional<Signal> read;
    Timer timer;
};

SignalSender::SignalSender(ShardBus& bus, TimerWheel& wheel, Stats& stats)
    : bus_(bus), wheel_(wheel), stats_(stats) {}

SignalSender::~SignalSender() = default;

void SignalSender::send(const SiteId& site, const ConversationId& conversation, v1::Live live,
                        std::string traceparent) {
    Signal signal{std::move(live), std::move(traceparent)};
    if (const auto found = lanes_.find(conversation); found != lanes_.end()) {
        Lane& lane = *found->second;
        (signal.live.has_typing() ? lane.typing : lane.read) = std::move(signal);
        return;
    }
    if (lanes_.size() >= kMaxConversations) return stats_.dropped(Drop::liveOverflow).add();
    auto& lane = lanes_[conversation];
    lane = std::make_unique<Lane>(site, [this, conversation] { onTimer(conversation); });
    wheel_.arm(lane->timer, kInterval);
    publish(site, conversation, std::move(signal));
}

void SignalSender::onTimer(const ConversationId& conversation) {
    const auto found = lanes_.find(conversation);
    Lane& lane = *found->second;
    if (!lane.typing && !lane.read) {
        lanes_.erase(found);
        return;
    }
    for (auto* waiting : {&lane.read, &lane.typing}) {
        if (*waiting) publish(lane.site, conversation, std::move(**waiting));
        waiting->reset();
    }
    wheel_.arm(lane.timer, kInterval);
}

void SignalSender::publish(const SiteId& site, const ConversationId& conversation, Signal signal) {
    bus::Message message{.topic = topics::format(topics::LiveIn{site, conversation}),
                         .payload = encode(signal.live),
                         .qos = bus::Qos::atMostOnce,
                         .expiry = kExpiry};
    if (!signal.traceparent.empty()) {
        message.userProperties.emplace_back(kTraceparent, std::move(signal.traceparent));
    }
    bus_.publish(std::move(message), nullptr, wheel_.now() + kDeadline);
}

}  // namespace parlor::gateway
