#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "bus/bus.h"
#include "ledger/announce/reply_address.h"
#include "ledger/metrics/metrics.h"
#include "ledger/store/records.h"
#include "parlor/v1/state.pb.h"

namespace parlor::ledger {

// The agents who have a retained entry for the conversation: its holder, those who joined, and
// whoever is offered it; each once.
std::vector<AgentId> concerned(const Conversation& row);
bool isConcerned(const Conversation& row, const AgentId& agent);

// Publishes what is on disk: events, who waits, who holds, and answers. Conversations' messages
// come from one thread, so that the broker sees them in the order of the commits. Answers may come
// from any. What the broker did not confirm is remembered, to be published again: see takeMissed().
class Announcer {
 public:
    // `wake` is called, on any thread, when there is something in takeMissed(), something is about
    // to settle where nothing was, or there is room again after busy(). `replicas`: others publish
    // too, see takeSettled(). References must outlive it.
    Announcer(bus::Bus& bus, Metrics& metrics, bool replicas, std::function<void()> wake)
        : bus_(bus), metrics_(metrics), replicas_(replicas), wake_(std::move(wake)) {}

    // An event, to out/log or staff/log. Only the newest of its stream is retained: an older one
    // that is sent again must not take its place. `traceparent`, of what it was recorded for, goes
    // along where it is sampled; empty: none.
    void event(const SiteId& site, const ConversationId& conversation, v1::Stream stream,
               std::uint64_t seq, std::string bytes, bool newest,
               const std::string& traceparent = {});
    // What changed about waiting and holding between two states of a conversation; before: none
    // where it is new.
    void change(const Conversation* before, const Conversation& after);
    // The same without knowing what is out there: publishes what holds, clears what may linger.
    void whole(const Conversation& now);
    // Clears a retained entry that should not be there.
    void clearQueueEntry(const topics::Queue& topic);
    void clearAssignment(const topics::AssignedTo& topic);
    // To the visitor who waits; lost where nobody listens.
    void position(const SiteId& site, const ConversationId& conversation,
                  const v1::QueuePosition& position);
    void department(const topics::Department& topic, const v1::DepartmentState& state);
    void reply(const ReplyAddress& address, const v1::Response& response);
    // Receipts of one batch: those of a gateway go together, in their order.
    void receipts(std::vector<std::pair<ReplyAddress, v1::Response>> receipts);

    // Conversations whose publications were not confirmed since the last call, at most `limit`.
    std::vector<ConversationId> takeMissed(std::size_t limit);
    void addMissed(std::span<const ConversationId> conversations);

    // What was told of a conversation by now; 0 and nothing: not told.
    struct Told {
        struct Head {
            std::uint64_t seq = 0;
            std::size_t bytes = 0;  // their hash
        };
        ConversationId conversation;
        Head shared;
        Head staff;
        std::optional<ConversationState> state;
        std::uint64_t fence = 0;
        std::vector<AgentId> joined;
        std::uint64_t stateSeq = 0;  // the shared head when `state` was told

        // False where the record has moved on.
        bool isStill(const Standing& now) const;
        // The same of the newest event of a stream, which erasing changes.
        bool isStill(v1::Stream stream, const std::string& bytes) const;
    };
    // Conversations whose publications the broker has confirmed since the last call, and of which
    // nothing was told since, for kSettleTime by `now`; at most `limit`. With replicas: between
    // this one's commit and its publication another may have recorded *and* published more, which
    // would then be overwritten on the broker by what is older. Whoever is confirmed last looks at
    // the record once more, and so the newest is what stays. On the thread that tells.
    static constexpr std::chrono::milliseconds kSettleTime{100};
    std::vector<Told> takeSettled(std::size_t limit, bus::Deadline now);
    // True where more was told of it since it was taken: then it settles later, together with that.
    // On the thread that tells.
    bool putBack(const Told& told);
    // When there is something to take; none: nothing is about to settle.
    std::optional<bus::Deadline> nextSettled();
    // True where something is to settle, once the broker has confirmed it.
    bool hasUnsettled();
    // True where so many publications are under way that whatever can wait should.
    bool busy();

 private:
    void publish(const ConversationId& conversation, bus::Message message);
    void published(const ConversationId& conversation, const Expected<void>& done);
    bool settle(const ConversationId& conversation);
    void tellHead(const ConversationId& conversation, v1::Stream stream, std::uint64_t seq,
                  const std::string& bytes);
    void tellState(const Conversation& now);
    void send(bus::Message reply);
    void publishQueueEntry(const Conversation& now);
    void publishAssignment(const Conversation& now, const AgentId& agent, std::int64_t waitedMs);

    bus::Bus& bus_;
    Metrics& metrics_;
    const bool replicas_;
    const std::function<void()> wake_;
    std::atomic<std::size_t> pending_{0};  // publications of conversations under way
    std::atomic<bool> starved_{false};     // somebody was told busy()
    std::mutex mutex_;
    std::unordered_set<ConversationId> missed_;  // mutex_
    struct Telling {
        Told told;
        std::size_t pending = 0;
        bus::Deadline settledAt{};  // once nothing is pending
        bool queued = false;        // in settled_
    };
    struct Settled {
        ConversationId conversation;
        bus::Deadline at;  // its Telling may have moved on
    };
    // With replicas only.
    std::unordered_map<ConversationId, Telling> telling_;  // mutex_
    std::deque<Settled> settled_;                          // mutex_; a conversation once at most
};

}  // namespace parlor::ledger
