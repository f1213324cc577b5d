#pragma once

// All mailboxes of one shard: finds or makes them, keeps their subscriptions, routes messages to
// them and bounds how many ask history at a time.

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "gateway/mailbox/mailbox.h"
#include "gateway/mailbox/shard_bus.h"
#include "proto/topics.h"

namespace parlor::gateway {

// The ledger's history, as mailboxes ask for it.
class HistorySource {
 public:
    using Answer = std::function<void(Expected<v1::HistoryResponse>)>;
    virtual ~HistorySource() = default;
    // Shared events after `after`, as many as fit into one answer. Answers exactly once, later, on
    // the shard's thread.
    virtual void history(const SiteId& site, const ConversationId& conversation,
                         std::uint64_t after, Answer answer) = 0;
};

// Shard's thread only. Must outlive all attachments; must not outlive its history's answers.
class MailboxHub {
 public:
    static constexpr std::size_t kMaxHistories = 256;     // questions under way
    static constexpr std::size_t kFiltersPerPacket = 64;  // per SUBSCRIBE and UNSUBSCRIBE
    static constexpr std::size_t kMaxSubscribing = 4;     // SUBSCRIBE packets under way
    static constexpr std::chrono::seconds kSubscribeDeadline{10};

    MailboxHub(ShardBus& bus, TimerWheel& wheel, HistorySource& history, Stats& stats);
    MailboxHub(const MailboxHub&) = delete;
    MailboxHub& operator=(const MailboxHub&) = delete;

    // The conversation's mailbox, subscribed or about to be. `presence`: what the visitor says of
    // itself from now on; null: what it said before, or that it is here.
    Attachment attach(const SiteId& site, const ConversationId& conversation,
                      const v1::Presence* presence = nullptr);
    // The same without reading: told at once, and renewed as long as somebody reads here.
    void say(const SiteId& site, const ConversationId& conversation, const v1::Presence& presence);

    // What the bus reports, sorted by topic.
    void onSharedLog(const topics::SharedLog& topic, const bus::Message& message);
    void onLiveOut(const topics::LiveOut& topic, const bus::Message& message);
    void onState(bus::State state);
    // To be called after each batch of messages or timers: readers get all of a batch in one page.
    void flush();

    bool connected() const { return bus_.connected(); }
    std::size_t size() const { return mailboxes_.size(); }

 private:
    friend class Mailbox;

    struct Key {
        SiteId site;
        ConversationId conversation;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept {
            return std::hash<ConversationId>()(key.conversation);
        }
    };
    template <class Tag>
    using MailboxList =
        boost::intrusive::list<Mailbox, boost::intrusive::base_hook<MailboxHook<Tag>>,
                               boost::intrusive::constant_time_size<false>>;

    // What mailboxes ask of it.
    void touch(Mailbox& mailbox);
    void wantHistory(Mailbox& mailbox);
    void wantSubscription(Mailbox& mailbox);
    void retire(Mailbox& mailbox);  // destroys it
    void publishPresence(const SiteId& site, const ConversationId& conversation,
                         const v1::Presence& presence);
    static std::int64_t unixMs();
    // Grows with every lost connection; what was verified in an earlier one is not any more.
    std::uint64_t connection() const { return connection_; }

    Mailbox* find(const SiteId& site, const ConversationId& conversation);
    void pumpHistories();
    void pumpSubscriptions();
    void onSubscribed(const std::vector<Key>& keys, const Expected<void>& result);
    void sendUnsubscribes();

    ShardBus& bus_;
    TimerWheel& wheel_;
    HistorySource& history_;
    Stats& stats_;
    std::uint64_t connection_ = 1;
    std::unordered_map<Key, std::unique_ptr<Mailbox>, KeyHash> mailboxes_;
    MailboxList<DirtyTag> dirty_;
    MailboxList<AskingTag> asking_;
    std::size_t histories_ = 0;
    std::vector<Key> toSubscribe_;
    std::size_t subscribing_ = 0;
    std::vector<std::string> toUnsubscribe_;
    v1::Event event_;  // the one that is being read, so that its memory is used again
    Timer unsubscribeTimer_;
};

}  // namespace parlor::gateway
