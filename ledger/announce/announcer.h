#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "bus/bus.h"
#include "ledger/announce/reply_address.h"
#include "ledger/metrics/metrics.h"
#include "ledger/store/records.h"
#include "parlor/v1/state.pb.h"

namespace parlor::ledger {

// Publishes what is on disk: events, who waits, who holds, and answers. Conversations' messages
// come from one thread, so that the broker sees them in the order of the commits; answers may come
// from any. What the broker did not confirm is remembered, to be published again: see takeMissed().
class Announcer {
 public:
    // `wake` is called, on any thread, when there is something in takeMissed(), or room again after
    // busy(). References must outlive it.
    Announcer(bus::Bus& bus, Metrics& metrics, std::function<void()> wake)
        : bus_(bus), metrics_(metrics), wake_(std::move(wake)) {}

    // An event, to out/log or staff/log. Only the newest of its stream is retained: an older one
    // that is sent again must not take its place.
    void event(const SiteId& site, const ConversationId& conversation, v1::Stream stream,
               std::string bytes, bool newest);
    // What changed about waiting and holding between two states of a conversation.
    void change(const std::optional<Conversation>& before, const Conversation& after);
    // The same without knowing what is out there: publishes what holds, clears what may linger.
    void whole(const Conversation& now);
    // Clears a retained entry that should not be there.
    void clearQueueEntry(const topics::Queue& topic);
    void clearAssignment(const topics::AssignedTo& topic);
    void department(const topics::Department& topic, const v1::DepartmentState& state);
    void reply(const ReplyAddress& address, const v1::Response& response);

    // Conversations whose publications were not confirmed since the last call, at most `limit`.
    std::vector<ConversationId> takeMissed(std::size_t limit);
    void addMissed(std::span<const ConversationId> conversations);
    // True where so many publications are under way that whatever can wait should.
    bool busy();

 private:
    void publish(const ConversationId& conversation, bus::Message message);
    void published(const ConversationId& conversation, const Expected<void>& done);
    void publishQueueEntry(const Conversation& now);
    void publishAssignment(const Conversation& now);

    bus::Bus& bus_;
    Metrics& metrics_;
    const std::function<void()> wake_;
    std::atomic<std::size_t> pending_{0};  // publications of conversations under way
    std::atomic<bool> starved_{false};     // somebody was told busy()
    std::mutex mutex_;
    std::unordered_set<ConversationId> missed_;  // mutex_
};

}  // namespace parlor::ledger
