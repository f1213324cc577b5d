#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/announce/announcer.h"
#include "ledger/announce/reply_address.h"
#include "ledger/directory/profile_keeper.h"
#include "ledger/metrics/metrics.h"
#include "ledger/requests/job_runner.h"
#include "ledger/requests/permissions.h"
#include "ledger/store/store.h"
#include "proto/topics.h"

namespace parlor::ledger {

struct RequestOptions {
    std::size_t workers = 2;  // threads, each with its own sessions
    std::size_t queue = 256;  // requests waiting; past that: overloaded
};

// Answers what staff asks beside conversations (every method of rpc but open, history and status),
// by who may: see permissions.h. All calls from any thread.
class RequestService {
 public:
    // References must outlive it.
    RequestService(const RequestOptions& options, Store& store, ProfileKeeper& keeper,
                   JobRunner& runner, Announcer& announcer, Metrics& metrics);
    ~RequestService();
    RequestService(const RequestService&) = delete;
    RequestService& operator=(const RequestService&) = delete;

    void start();
    // Answers what it has taken, then ends. What comes later is not answered.
    void stop();

    void submit(const topics::Rpc& topic, const bus::Message& message);

 private:
    struct Job {
        topics::Rpc topic;
        v1::Request request;
        ReplyAddress reply;
        bus::Deadline giveUp;  // the caller waits no longer
    };
    // What a worker asks; one for each.
    struct Stores {
        std::unique_ptr<DirectoryStore> directory;
        std::unique_ptr<Archive> archive;
        std::unique_ptr<SearchIndex> index;
        std::unique_ptr<JobStore> jobs;
    };

    void run();
    std::optional<Job> take();
    Expected<v1::Response> answer(Stores& stores, const Job& job);

    const RequestOptions options_;
    Store& store_;
    ProfileKeeper& keeper_;
    JobRunner& runner_;
    Announcer& announcer_;
    Metrics& metrics_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;   // mutex_
    bool stopping_ = false;  // mutex_
    std::vector<std::thread> threads_;
};

}  // namespace parlor::ledger
