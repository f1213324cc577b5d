#pragma once

#include <cstddef>
#include <thread>
#include <vector>

#include "ledger/announce/request_queue.h"
#include "ledger/directory/profile_keeper.h"
#include "ledger/requests/job_runner.h"
#include "ledger/requests/permissions.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

struct RequestOptions {
    std::size_t workers = 2;            // threads, each with its own sessions
    std::size_t queue = 256;            // requests waiting; past that: overloaded
    std::size_t reportAtOnce = 20'000;  // conversations; a report of more is a job
};

// Answers what is asked beside conversations (every method of rpc but open, history and status), by
// who may: see permissions.h. All calls from any thread.
class RequestService {
 public:
    // References must outlive it.
    RequestService(const RequestOptions& options, Store& store, ProfileKeeper& keeper,
                   JobRunner& runner, Announcer& announcer, Metrics& metrics, RequestLog& log);
    ~RequestService();
    RequestService(const RequestService&) = delete;
    RequestService& operator=(const RequestService&) = delete;

    void start();
    // Answers what it has taken, then ends. What comes later is not answered.
    void stop();

    std::optional<Drop> submit(const topics::Rpc& topic, const bus::Message& message);

 private:
    // What a worker asks; one for each.
    struct Stores {
        std::unique_ptr<DirectoryStore> directory;
        std::unique_ptr<Archive> archive;
        std::unique_ptr<SearchIndex> index;
        std::unique_ptr<JobStore> jobs;
    };

    void run();
    Expected<v1::Response> withJob(Expected<v1::Response> response);
    Expected<v1::Response> answer(Stores& stores, const RequestQueue::Item& item);

    const RequestOptions options_;
    Store& store_;
    ProfileKeeper& keeper_;
    JobRunner& runner_;
    RequestQueue queue_;
    std::vector<std::thread> threads_;
};

}  // namespace parlor::ledger
