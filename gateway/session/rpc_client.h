#pragma once

// Questions to the ledger: open, history, status, transcript. Each is repeated until it is answered
// or its deadline has passed; all of them are harmless to repeat.

#include <functional>
#include <memory>
#include <unordered_map>

#include "gateway/mailbox/mailbox_hub.h"
#include "gateway/session/reply_router.h"

namespace parlor::gateway {

// Shard's thread only.
class RpcClient : public HistorySource {
 public:
    static constexpr std::chrono::milliseconds kRepeatAfter{1000};
    static constexpr std::chrono::seconds kHistoryDeadline{3};
    static constexpr std::size_t kMaxCalls = 20000;
    // Events per question: as many of the longest as fit into one payload on the bus.
    static constexpr std::uint32_t kHistoryPage = 100;
    static_assert(kHistoryPage * (kMaxTextBytes + 2 * 1024) <= kMaxPayloadBytes);

    // A response of the kind asked for, or: the ledger's own failure; unavailable without a broker
    // (at once); deadline; overloaded. Called exactly once, never from within call().
    using Answer = std::function<void(Expected<v1::Response>)>;

    RpcClient(ShardBus& bus, TimerWheel& wheel, ReplyRouter& replies, Stats& stats);
    ~RpcClient() override;

    // `traceparent` goes along; empty: none.
    void call(const SiteId& site, const v1::Request& request, Answer answer, Duration deadline,
              std::string traceparent = {});
    void history(const SiteId& site, const ConversationId& conversation, std::uint64_t after,
                 HistorySource::Answer answer) override;

 private:
    struct Call;

    void publish(Call& call);
    void onTimer(std::uint64_t id);
    void onResponse(std::uint64_t id, const v1::Response& response);
    void finish(std::uint64_t id, Expected<v1::Response> result);

    ShardBus& bus_;
    TimerWheel& wheel_;
    ReplyRouter& replies_;
    Stats& stats_;
    std::uint64_t last_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<Call>> calls_;
};

}  // namespace parlor::gateway
