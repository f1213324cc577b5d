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
#include "ledger/store/store.h"
#include "proto/topics.h"

namespace parlor::ledger {

// Keeps d/{dept} true: whether it is open, how many wait, how many agents are online. Counts on a
// thread of its own, at most four times a second, and publishes what changed. All calls from any
// thread.
class DepartmentBoard {
 public:
    // References must outlive it.
    DepartmentBoard(std::unique_ptr<Reader> reader, Announcer& announcer, const Desk& desk);
    ~DepartmentBoard();
    DepartmentBoard(const DepartmentBoard&) = delete;
    DepartmentBoard& operator=(const DepartmentBoard&) = delete;

    void start();
    void stop();

    // Something about queues or agents changed.
    void changed();
    // The department exists, whoever waits in it.
    void know(const topics::Department& topic);
    // The broker may have forgotten everything.
    void connected();

 private:
    using Key = std::pair<SiteId, DepartmentId>;

    void run();
    bool refresh();

    const std::unique_ptr<Reader> reader_;  // thread_ only
    Announcer& announcer_;
    const Desk& desk_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool dirty_ = true;                     // mutex_
    bool stopping_ = false;                 // mutex_
    std::map<Key, std::string> published_;  // mutex_; bytes of the last state, "" for none yet
    std::thread thread_;
};

}  // namespace parlor::ledger
