#pragma once

#include <Poco/Logger.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "ledger/announce/announcer.h"
#include "ledger/store/store.h"
#include "proto/topics.h"

namespace parlor::ledger {

struct HeraldOptions {
    // How long after the end of a round over all conversations the next one begins.
    std::chrono::milliseconds again{300'000};
    std::chrono::milliseconds pace{500};  // between its pages of 64 conversations
};

// Keeps the broker's retained state true to the record: after every (re)connect it publishes heads,
// queue entries and assignments of all open conversations again, and of those closed within the
// last hour; clears retained entries that should not be there; publishes again what the broker did
// not confirm. Every few minutes, slowly, it does the first once more: what a replica recorded and
// did not live to publish is known to nobody else. In small steps, so that recording is not held
// up.
//
// step() belongs to the thread that announces, so that nothing it publishes overtakes a newer
// state: what has been committed since it looked at the record is announced after it. Nor is it
// ahead of what has been committed and not announced: such a conversation is put off until it is.
// Everything else: any thread.
class Herald {
 public:
    // Which transactions there are (see Intake).
    struct Turns {
        std::function<std::uint64_t()> newest;
        std::function<bool(std::uint64_t)> isOver;
        std::function<std::vector<ConversationId>(std::span<const ConversationId>)> underWay;
    };

    // `wake` is called when there is something to do; any thread. References must outlive it.
    Herald(const HeraldOptions& options, std::unique_ptr<Reader> reader, Announcer& announcer,
           Poco::Logger& log, Turns turns, std::function<void()> wake);

    // The broker is there (again), and may have forgotten everything.
    void connected();
    void disconnected();
    // Publishes what the broker retains of a conversation again, after everything that has been
    // committed by now; then calls `told`, on step()'s thread, and never where the broker does not
    // come back.
    void republish(const ConversationId& conversation, std::function<void()> told);
    // A retained entry that the broker holds.
    void seen(const topics::Queue& topic);
    void seen(const topics::AssignedTo& topic);

    // True once everything has been published since the last connected(). Any thread.
    bool caughtUp() const { return caughtUp_.load(); }

    // Does one piece of work. How long until it wants the next step, unless woken.
    std::chrono::milliseconds step();

 private:
    using Entry = std::variant<topics::Queue, topics::AssignedTo>;
    // How far the round over all conversations has come.
    struct Round {
        bool again = false;  // nothing happened that calls for it: slowly
        bool closedOnes = false;
        bool isRead = false;  // all of it; it is over when nothing is put off
        ConversationId after;
        std::int64_t sinceMs = 0;
    };

    struct Asked {
        ConversationId conversation;
        std::function<void()> told;
        std::uint64_t turn = 0;  // the newest when it was asked
    };

    // What was told and has settled, and the record has otherwise. Perhaps by what this process has
    // still to announce: so it is decided on when all that it had recorded by then is announced.
    struct Doubts {
        std::vector<Announcer::Told> told;
        std::vector<Conversation> rows;
        std::uint64_t turn = 0;  // the newest when the rows had been read
    };

    enum class Progress { idle, more, stuck };
    using Clock = std::chrono::steady_clock;

    Progress stepLater();
    Progress stepRound();
    void endPart();
    void endRound();
    // Until the next page of a slow round, or something has settled.
    std::chrono::milliseconds untilNext() const;
    Progress stepAsked();
    Progress stepSeen();
    Progress stepMissed();
    Progress stepSettled();
    Progress stepDoubts();
    // The rows of those that the record has otherwise than they were told.
    Expected<std::vector<Conversation>> outdated(const std::vector<Announcer::Told>& settled);
    Expected<std::vector<ConversationId>> otherThanTold(const std::vector<Announcer::Told>& settled,
                                                        const std::vector<ConversationId>& of);
    // Takes out, of rows just read, those that a turn may have changed which is not announced.
    std::vector<ConversationId> takeUnderWay(std::vector<Conversation>& rows);
    // Heads and state of those left; the others later. False where the database is away.
    bool publishOrPutOff(std::vector<Conversation> rows);
    // Heads and state; false where the database is away.
    bool publish(const std::vector<Conversation>& rows);
    static ConversationId conversationOf(const Entry& entry);
    void clearStale(const Entry& entry, const std::vector<Conversation>& rows);

    const HeraldOptions options_;
    const std::unique_ptr<Reader> reader_;  // step() only
    Announcer& announcer_;
    Poco::Logger& log_;
    const Turns turns_;
    const std::function<void()> wake_;
    std::mutex mutex_;
    std::atomic<bool> caughtUp_{false};
    bool connected_ = false;   // mutex_
    bool restart_ = false;     // mutex_
    std::deque<Entry> seen_;   // mutex_
    std::deque<Asked> asked_;  // mutex_
    // step() only
    std::vector<ConversationId> later_;  // put off, until
    std::uint64_t laterTurn_ = 0;        // this turn is over
    std::uint64_t seenTurn_ = 0;         // the same for what has been put back into seen_
    std::optional<Round> round_;
    std::optional<Doubts> doubts_;
    Clock::time_point next_ = Clock::time_point::max();  // round, or page of a slow one
};

}  // namespace parlor::ledger
