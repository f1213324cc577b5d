#include "gateway/mailbox/mailbox_hub.h"

#include <algorithm>
#include <utility>

#include "gateway/mailbox/visitor_json.h"

namespace parlor::gateway {
namespace {

constexpr std::chrono::milliseconds kUnsubscribeDelay{100};

}  // namespace

MailboxHub::MailboxHub(ShardBus& bus, TimerWheel& wheel, HistorySource& history, Stats& stats)
    : bus_(bus), wheel_(wheel), history_(history), stats_(stats), unsubscribeTimer_([this] {
          sendUnsubscribes();
      }) {}

Attachment MailboxHub::attach(const SiteId& site, const ConversationId& conversation,
                              const v1::Presence* presence) {
    auto& mailbox = mailboxes_[Key{site, conversation}];
    if (!mailbox) {
        mailbox = std::make_unique<Mailbox>(*this, site, conversation);
        stats_.mailboxes.set(static_cast<std::int64_t>(mailboxes_.size()));
    }
    if (presence != nullptr) mailbox->onPresence(*presence);
    return Attachment(*mailbox);
}

void MailboxHub::say(const SiteId& site, const ConversationId& conversation,
                     const v1::Presence& presence) {
    Mailbox* mailbox = find(site, conversation);
    if (mailbox != nullptr) mailbox->onPresence(presence);
    if (mailbox == nullptr || mailbox->attached_ == 0) {
        publishPresence(site, conversation, presence);
    }
}

std::int64_t MailboxHub::unixMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Mailbox* MailboxHub::find(const SiteId& site, const ConversationId& conversation) {
    const auto found = mailboxes_.find(Key{site, conversation});
    return found == mailboxes_.end() ? nullptr : found->second.get();
}

// --- from the bus -------------------------------------------------------------------------------

void MailboxHub::onSharedLog(const topics::SharedLog& topic, const bus::Message& message) {
    Mailbox* mailbox = find(topic.site, topic.conversation);
    if (mailbox == nullptr) return stats_.dropped(Drop::unknown).add();
    if (message.payload.size() > kMaxPayloadBytes || !event_.ParseFromString(message.payload) ||
        event_.seq() == 0 || event_.epoch() == 0 || event_.stream() != v1::STREAM_SHARED) {
        return stats_.dropped(Drop::malformed).add();
    }
    const auto named = ConversationId::parse(event_.conversation());
    if (!named || *named != topic.conversation) return stats_.dropped(Drop::malformed).add();
    mailbox->onEvent(event_, message.retain);
}

void MailboxHub::onLiveOut(const topics::LiveOut& topic, const bus::Message& message) {
    Mailbox* mailbox = find(topic.site, topic.conversation);
    if (mailbox == nullptr) return stats_.dropped(Drop::unknown).add();
    auto live = decode<v1::Live>(message.payload);
    if (!live) return stats_.dropped(Drop::malformed).add();
    std::string members = liveMembers(topic.party.str(), *live);
    if (members.empty()) return;
    // What an agent is about to say is not for visitors.
    if (live->has_typing()) live->mutable_typing()->clear_preview();
    mailbox->onLive(std::make_shared<const LiveSignal>(
        LiveSignal{topic.party.str(), std::move(*live), std::move(members)}));
}

void MailboxHub::onState(bus::State state) {
    if (state == bus::State::disconnected) {
        ++connection_;
        return;
    }
    for (auto& [key, mailbox] : mailboxes_) {
        mailbox->onReconnected();
        touch(*mailbox);
    }
    pumpSubscriptions();
}

void MailboxHub::flush() {
    while (!dirty_.empty()) {
        Mailbox& mailbox = dirty_.front();
        dirty_.pop_front();
        mailbox.evaluate();
    }
    pumpHistories();
}

// --- for the mailboxes --------------------------------------------------------------------------

void MailboxHub::touch(Mailbox& mailbox) {
    if (!mailbox.MailboxHook<DirtyTag>::is_linked()) dirty_.push_back(mailbox);
}

void MailboxHub::wantHistory(Mailbox& mailbox) {
    if (!mailbox.MailboxHook<AskingTag>::is_linked()) asking_.push_back(mailbox);
    pumpHistories();
}

void MailboxHub::pumpHistories() {
    while (histories_ < kMaxHistories && !asking_.empty()) {
        Mailbox& mailbox = asking_.front();
        asking_.pop_front();
        const auto after = mailbox.question();
        if (!after) continue;  // answered meanwhile, by a retained head
        mailbox.asking_ = true;
        mailbox.overflowed_ = false;
        ++histories_;
        stats_.histories.add();
        history_.history(mailbox.site_, mailbox.conversation_, *after,
                         [this, key = Key{mailbox.site_, mailbox.conversation_},
                          asked = *after](const Expected<v1::HistoryResponse>& answer) {
                             --histories_;
                             if (Mailbox* asker = find(key.site, key.conversation)) {
                                 asker->onHistory(asked, answer);
                             }
                             // Every mailbox in turn: the ones that wait come before this one's
                             // next question.
                             pumpHistories();
                         });
    }
}

void MailboxHub::wantSubscription(Mailbox& mailbox) {
    mailbox.subscription_ = Mailbox::Subscription::pending;
    toSubscribe_.push_back({mailbox.site_, mailbox.conversation_});
    pumpSubscriptions();
}

// While packets are under way the wishes gather, so that a rush of readers costs few packets and a
// single one no delay.
void MailboxHub::pumpSubscriptions() {
    while (subscribing_ < kMaxSubscribing && !toSubscribe_.empty() && bus_.connected()) {
        if (!toUnsubscribe_.empty()) sendUnsubscribes();  // never after subscribing again
        std::vector<Key> keys;
        std::vector<std::string> filters;
        while (!toSubscribe_.empty() && keys.size() < kFiltersPerPacket) {
            keys.push_back(std::move(toSubscribe_.back()));
            toSubscribe_.pop_back();
            if (find(keys.back().site, keys.back().conversation) == nullptr) {  // gone meanwhile
                keys.pop_back();
                continue;
            }
            filters.push_back(
                topics::filters::conversationOut(keys.back().site, keys.back().conversation));
        }
        if (keys.empty()) return;
        ++subscribing_;
        bus_.subscribe(
            std::move(filters),
            [this, keys = std::move(keys)](const Expected<void>& result) {
                --subscribing_;
                onSubscribed(keys, result);
                pumpSubscriptions();
            },
            wheel_.now() + kSubscribeDeadline);
    }
}

void MailboxHub::onSubscribed(const std::vector<Key>& keys, const Expected<void>& result) {
    for (const Key& key : keys) {
        if (Mailbox* mailbox = find(key.site, key.conversation)) mailbox->onSubscribed(result);
    }
}

void MailboxHub::retire(Mailbox& mailbox) {
    toUnsubscribe_.push_back(
        topics::filters::conversationOut(mailbox.site_, mailbox.conversation_));
    if (toUnsubscribe_.size() >= kFiltersPerPacket) {
        sendUnsubscribes();
    } else if (!unsubscribeTimer_.armed()) {
        wheel_.arm(unsubscribeTimer_, kUnsubscribeDelay);
    }
    mailboxes_.erase(Key{mailbox.site_, mailbox.conversation_});
    stats_.mailboxes.set(static_cast<std::int64_t>(mailboxes_.size()));
}

void MailboxHub::sendUnsubscribes() {
    unsubscribeTimer_.cancel();
    if (toUnsubscribe_.empty()) return;
    bus_.unsubscribe(std::exchange(toUnsubscribe_, {}), wheel_.now() + kSubscribeDeadline);
}

void MailboxHub::publishPresence(const SiteId& site, const ConversationId& conversation,
                                 const v1::Presence& presence) {
    if (!bus_.connected()) return;  // the next lease says it
    bus_.publish({.topic = topics::format(topics::PresenceIn{site, conversation}),
                  .payload = encode(presence),
                  .retain = true,
                  .expiry = Lease::kLifetime},
                 nullptr, wheel_.now() + Lease::kRefresh);
}

}  // namespace parlor::gateway
