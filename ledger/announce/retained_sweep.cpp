#include "ledger/announce/retained_sweep.h"

#include <chrono>
#include <utility>

#include "proto/retained_filters.h"

namespace parlor::ledger {
namespace {

constexpr std::chrono::seconds kClearDeadline{20};

bool isAbout(const topics::Topic& topic, const SiteId& site, const ConversationId& conversation) {
    return std::visit(
        [&](const auto& each) {
            if constexpr (requires { each.conversation; }) {
                return each.site == site && each.conversation == conversation;
            } else {
                return false;
            }
        },
        topic);
}

bool isLive(const topics::Topic& topic) {
    return std::holds_alternative<topics::LiveIn>(topic) ||
           std::holds_alternative<topics::LiveOut>(topic);
}

}  // namespace

// What a client is sent at QoS 1 comes in order (MQTT 5, section 4.6): so when the presence's
// clearing comes back, all that was retained has come.
void RetainedSweep::start(const SiteId& site, const ConversationId& conversation, Found found,
                          bus::Deadline deadline) {
    Sweep sweep{0, site, conversation, std::move(found), {}};
    std::optional<Sweep> former;
    std::uint64_t number = 0;
    {
        const std::scoped_lock lock(mutex_);
        number = sweep.number = ++newest_;
        former = std::exchange(sweep_, std::move(sweep));
    }
    if (former) unsubscribe(*former);
    bus_.subscribe(
        topics::filters::ledgerRetained(site, conversation), bus::Qos::atLeastOnce,
        [this, number, site, conversation, deadline](const Expected<void>& done) {
            if (!done) return end(number, done);
            clear(
                topics::PresenceIn{site, conversation},
                [this, number](const Expected<void>& cleared) {
                    if (!cleared) end(number, cleared);
                },
                deadline);
        },
        deadline);
}

void RetainedSweep::onMessage(const topics::Topic& topic, const bus::Message& message) {
    std::optional<std::uint64_t> ended;
    {
        const std::scoped_lock lock(mutex_);
        if (!sweep_ || !isAbout(topic, sweep_->site, sweep_->conversation)) return;
        if (message.retain) {
            sweep_->messages.push_back(message);
        } else if (message.payload.empty() && std::holds_alternative<topics::PresenceIn>(topic)) {
            ended = sweep_->number;
        }
    }
    if (ended) return end(*ended, {});
    if (message.retain && isLive(topic)) clear(topic, {}, bus::Clock::now() + kClearDeadline);
}

void RetainedSweep::end(std::uint64_t number, const Expected<void>& done) {
    std::optional<Sweep> ended;
    {
        const std::scoped_lock lock(mutex_);
        if (!sweep_ || sweep_->number != number) return;
        ended.swap(sweep_);
    }
    unsubscribe(*ended);
    if (done) {
        ended->found(std::move(ended->messages));
    } else {
        ended->found(done.error());
    }
}

void RetainedSweep::unsubscribe(const Sweep& sweep) {
    bus_.unsubscribe(topics::filters::ledgerRetained(sweep.site, sweep.conversation), {},
                     bus::Clock::now() + kClearDeadline);
}

void RetainedSweep::clear(const topics::Topic& topic, bus::DoneHandler done,
                          bus::Deadline deadline) {
    bus::Message message;
    message.topic = topics::format(topic);
    message.retain = true;
    bus_.publish(std::move(message), std::move(done), deadline);
}

}  // namespace parlor::ledger
