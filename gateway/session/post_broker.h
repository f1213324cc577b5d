#pragma once

// Takes visitors' drafts to the ledger and finds out what became of them.
//
//   submit ─▶ waiting ─▶ in flight (published, repeated until its receipt) ─▶ recorded | failed
//
// One post is in flight per conversation; drafts that come meanwhile wait in order and go together
// in the next one. A draft is given up kGiveUp after it came. Outcomes are remembered for a while,
// so that who asks again is answered from here. Nothing is kept beyond this process: the visitor's
// outbox and the ledger's record are the truth, repeating a draft is harmless.

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "gateway/mailbox/shard_bus.h"
#include "gateway/mailbox/timer_wheel.h"
#include "gateway/session/reply_router.h"

namespace parlor::gateway {

// Shard's thread only.
class PostBroker {
 public:
    static constexpr std::chrono::seconds kGiveUp{30};
    static constexpr std::chrono::seconds kRepeatAfter{1};
    static constexpr std::size_t kMaxPending = 10000;        // drafts, all conversations
    static constexpr std::size_t kMaxPerConversation = 256;  // drafts of one conversation
    static constexpr std::size_t kMaxRemembered = 10000;     // outcomes

    // Recorded, or why not. `deadline`: nobody answered; the outcome is not known.
    using Outcome = Expected<v1::Recorded>;
    using OnOutcome = std::function<void(const Outcome&)>;
    enum class Watch : std::uint64_t { none = 0 };
    struct Submitted {
        Watch watch;                     // none where the outcome is known already
        std::optional<Outcome> outcome;  // refused, or known from before
    };

    PostBroker(ShardBus& bus, TimerWheel& wheel, ReplyRouter& replies, Stats& stats);
    ~PostBroker();

    // `draft` has been validated. `onOutcome` (may be null) is called at most once, never from
    // within submit(). A request id that is pending already is joined, one whose outcome is
    // remembered gets it (unless that was not final). `traceparent` goes along with the post that
    // the draft is the first of; empty: none.
    Submitted submit(const SiteId& site, const ConversationId& conversation, v1::Draft draft,
                     OnOutcome onOutcome, std::string traceparent = {});
    // Watches a draft that submit() took; nothing where this shard does not know it.
    std::optional<Submitted> watch(const ConversationId& conversation, const RequestId& request,
                                   OnOutcome onOutcome);
    // Ends a watch; the draft goes on.
    void unwatch(const ConversationId& conversation, const RequestId& request, Watch watch);

    // After a reconnect: what is in flight is published again.
    void onReconnected();
    std::size_t pending() const { return pending_.size(); }

 private:
    struct Key {
        ConversationId conversation;
        RequestId request;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept {
            return std::hash<RequestId>()(key.request) ^
                   (std::hash<ConversationId>()(key.conversation) << 1);
        }
    };
    struct Pending {
        v1::Draft draft;
        std::string traceparent;
        Time giveUpAt;
        std::vector<std::pair<Watch, OnOutcome>> watchers;
    };
    struct Lane;  // one conversation's drafts

    void sendNext(Lane& lane);
    void publish(Lane& lane);
    void onTimer(ConversationId conversation);
    void onResponse(ConversationId conversation, const v1::Response& response);
    // Outcomes to be told once everything here is in order again, because a watcher may submit.
    using Told = std::vector<std::pair<OnOutcome, Outcome>>;
    void takeReceipts(Lane& lane, const v1::PostResponse& response, Told& told);
    void settle(const Key& key, const Outcome& outcome, Told& told);
    void advance(Lane& lane);
    void remember(const Key& key, const Outcome& outcome);

    ShardBus& bus_;
    TimerWheel& wheel_;
    ReplyRouter& replies_;
    Stats& stats_;
    std::uint64_t lastWatch_ = 0;
    std::unordered_map<Key, Pending, KeyHash> pending_;
    std::unordered_map<ConversationId, std::unique_ptr<Lane>> lanes_;
    std::list<std::pair<Key, Outcome>> remembered_;  // oldest first
    std::unordered_map<Key, std::list<std::pair<Key, Outcome>>::iterator, KeyHash> rememberedBy_;
};

}  // namespace parlor::gateway
