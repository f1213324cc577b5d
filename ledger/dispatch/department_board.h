#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "ledger/announce/announcer.h"
#include "ledger/dispatch/desk.h"
#include "ledger/dispatch/queue_positions.h"
#include "ledger/dispatch/wait_estimate.h"
#include "ledger/store/store.h"
#include "proto/topics.h"

namespace parlor::ledger {

// Keeps d/{dept} true (whether it is open, how many wait, how many agents are online, how long it
// takes), and tells those who wait their place. Counts on a thread of its own, at most four times a
// second, and publishes what changed; places at most once a second, and again every ten seconds.
// What is not listed (see Desk) and where nobody waits is cleared and forgotten. All calls from any
// thread.
class DepartmentBoard {
 public:
    // References must outlive it.
    DepartmentBoard(Store& store, Announcer& announcer, const Desk& desk);
    ~DepartmentBoard();
    DepartmentBoard(const DepartmentBoard&) = delete;
    DepartmentBoard& operator=(const DepartmentBoard&) = delete;

    void start();
    void stop();

    // Something about queues or agents changed.
    void changed();
    // This replica changed that queue: it is the one to tell those in it.
    void queueChanged(const SiteId& site, const DepartmentId& department);
    // Somebody waited there for so long.
    void waited(const SiteId& site, const DepartmentId& department, std::chrono::milliseconds wait);
    // The broker holds something of the department.
    void know(const topics::Department& topic);
    // The broker may have forgotten everything.
    void connected();

 private:
    using Clock = std::chrono::steady_clock;
    using Key = std::pair<SiteId, DepartmentId>;
    // When the places of a queue are to be told, and when they were.
    struct Telling {
        Clock::time_point due;
        Clock::time_point told;
        Clock::time_point allDue;  // of the whole queue
        bool changed = true;
    };

    void run();
    bool refresh();
    // With mutex_ held.
    void forgetUnlisted(const std::map<Key, std::uint32_t>& waiting);
    void tellPlaces();
    Clock::time_point nextWork() const;  // with mutex_ held

    const std::unique_ptr<Reader> reader_;  // thread_ only
    QueuePositions positions_;              // thread_ only
    Announcer& announcer_;
    const Desk& desk_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool dirty_ = true;                     // mutex_
    bool stopping_ = false;                 // mutex_
    Clock::time_point nextCount_;           // mutex_
    std::map<Key, std::string> published_;  // mutex_; bytes of the last state, "" for none yet
    std::map<Key, WaitEstimate> waits_;     // mutex_
    std::map<Key, Telling> telling_;        // mutex_
    std::thread thread_;
};

}  // namespace parlor::ledger
