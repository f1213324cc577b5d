#pragma once

#include <Poco/Logger.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

#include "ledger/announce/announcer.h"
#include "ledger/store/store.h"
#include "proto/topics.h"

namespace parlor::ledger {

// Keeps the broker's retained state true to the record: after every (re)connect it publishes heads,
// queue entries and assignments of all open conversations again, and of those closed within the
// last hour; clears retained entries that should not be there; publishes again what the broker did
// not confirm. In small steps, so that recording is not held up.
//
// step() belongs to the thread that announces, so that nothing it publishes overtakes a newer
// state. Everything else: any thread.
class Herald {
 public:
    // `wake` is called when there is something to do; any thread. References must outlive it.
    Herald(std::unique_ptr<Reader> reader, Announcer& announcer, Poco::Logger& log,
           std::function<void()> wake);

    // The broker is there (again), and may have forgotten everything.
    void connected();
    void disconnected();
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
        bool closedOnes = false;
        ConversationId after;
        std::int64_t sinceMs = 0;
    };

    enum class Progress { idle, more, stuck };

    Progress stepRound();
    Progress stepSeen();
    Progress stepMissed();
    Progress stepSettled();
    // Heads and state; false where the database is away.
    bool publish(const std::vector<Conversation>& rows);
    void clearStale(const Entry& entry, const std::vector<Conversation>& rows);

    const std::unique_ptr<Reader> reader_;  // step() only
    Announcer& announcer_;
    Poco::Logger& log_;
    const std::function<void()> wake_;
    std::mutex mutex_;
    std::atomic<bool> caughtUp_{false};
    bool connected_ = false;      // mutex_
    bool restart_ = false;        // mutex_
    std::deque<Entry> seen_;      // mutex_
    std::optional<Round> round_;  // step() only
};

}  // namespace parlor::ledger
