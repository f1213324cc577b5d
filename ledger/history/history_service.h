#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/announce/announcer.h"
#include "ledger/announce/reply_address.h"
#include "ledger/metrics/metrics.h"
#include "ledger/store/store.h"
#include "proto/topics.h"

namespace parlor::ledger {

struct HistoryOptions {
    std::size_t readers = 2;   // threads, each with its own session
    std::size_t queue = 8192;  // requests waiting; past that: overloaded
};

// Answers rpc/history and rpc/status from sessions of its own, beside the writer. Gateways read the
// shared stream only, agents both. All calls from any thread.
class HistoryService {
 public:
    // References must outlive it.
    HistoryService(const HistoryOptions& options, Store& store, Announcer& announcer,
                   Metrics& metrics);
    ~HistoryService();
    HistoryService(const HistoryService&) = delete;
    HistoryService& operator=(const HistoryService&) = delete;

    void start();
    // Answers what it has taken, then ends. What comes later is not answered.
    void stop();

    // A message of rpc/history or rpc/status.
    void submit(const topics::Rpc& topic, const bus::Message& message);

 private:
    struct Job {
        SiteId site;
        bool staff = false;  // the caller is an agent
        v1::Request request;
        ReplyAddress reply;
        bus::Deadline giveUp;  // the caller waits no longer
    };

    void run(Reader& reader);
    std::vector<Job> take();
    static v1::Response answer(Reader& reader, const Job& job);

    const HistoryOptions options_;
    Store& store_;
    Announcer& announcer_;
    Metrics& metrics_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;   // mutex_
    bool stopping_ = false;  // mutex_
    std::vector<std::thread> threads_;
};

}  // namespace parlor::ledger
