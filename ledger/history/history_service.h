#pragma once

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "ledger/announce/request_queue.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

struct HistoryOptions {
    std::size_t readers = 2;   // threads, each with its own session
    std::size_t queue = 8192;  // requests waiting; past that: overloaded
};

// Answers rpc/history and rpc/status from sessions of its own, beside the writer. Gateways read the
// shared stream only, agents both, and agents who are disabled nothing. All calls from any thread.
class HistoryService {
 public:
    // Whether the agent is one who gets no answer any more; called from any thread.
    using IsDisabled = std::function<bool(const SiteId&, const AgentId&)>;

    // References must outlive it.
    HistoryService(const HistoryOptions& options, Store& store, IsDisabled isDisabled,
                   Announcer& announcer, Metrics& metrics, RequestLog& log);
    ~HistoryService();
    HistoryService(const HistoryService&) = delete;
    HistoryService& operator=(const HistoryService&) = delete;

    void start();
    // Answers what it has taken, then ends. What comes later is not answered.
    void stop();

    // A message of rpc/history or rpc/status; see RequestQueue.
    std::optional<Drop> submit(const topics::Rpc& topic, const bus::Message& message);

 private:
    const HistoryOptions options_;
    Store& store_;
    const IsDisabled isDisabled_;
    RequestQueue queue_;
    std::vector<std::thread> threads_;
};

}  // namespace parlor::ledger
