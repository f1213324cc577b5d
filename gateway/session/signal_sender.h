#pragma once

// Visitors' live signals on their way to in/live, coalesced.

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "gateway/mailbox/shard_bus.h"
#include "gateway/mailbox/timer_wheel.h"
#include "proto/codec.h"
#include "proto/topics.h"

namespace parlor::gateway {

// Shard's thread only.
class SignalSender {
 public:
    static constexpr std::chrono::milliseconds kInterval{500};
    static constexpr std::size_t kMaxConversations = 20000;  // past it signals are dropped

    SignalSender(ShardBus& bus, TimerWheel& wheel, Stats& stats);
    ~SignalSender();

    // Publishes at once where the conversation has been quiet for kInterval; otherwise when that
    // has passed, and then only the newest of its kind. `live` is typing or read. `traceparent`
    // goes along with it, and is dropped with it where a newer one comes; empty: none.
    void send(const SiteId& site, const ConversationId& conversation, v1::Live live,
              std::string traceparent = {});
    std::size_t size() const { return lanes_.size(); }

 private:
    struct Signal {
        v1::Live live;
        std::string traceparent;
    };
    struct Lane;

    void onTimer(const ConversationId& conversation);
    void publish(const SiteId& site, const ConversationId& conversation, Signal signal);

    ShardBus& bus_;
    TimerWheel& wheel_;
    Stats& stats_;
    std::unordered_map<ConversationId, std::unique_ptr<Lane>> lanes_;
};

}  // namespace parlor::gateway
