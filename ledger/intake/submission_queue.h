#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "ledger/intake/submission.h"

namespace parlor::ledger {

// Submissions between the bus's thread and the writer's. Bounded in number and bytes. Thread-safe.
class SubmissionQueue {
 public:
    struct Limits {
        std::size_t submissions = 8192;
        std::size_t bytes = std::size_t{64} * 1024 * 1024;
    };

    explicit SubmissionQueue(Limits limits) : limits_(limits) {}

    // False where it is full or closed: then `submission` is as it was.
    bool push(Submission&& submission);
    // Waits until there is something, somebody called close(), or `until` has come. Takes the
    // oldest, up to so many drafts (but at least one submission).
    std::vector<Submission> take(std::size_t maxDrafts, bus::Deadline until);
    // Takes nothing more in; what is there can be taken out.
    void close();

    std::size_t size() const;
    std::size_t drafts() const;
    bool finished() const;  // closed and empty

 private:
    const Limits limits_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Submission> waiting_;  // mutex_
    std::size_t bytes_ = 0;           // mutex_
    std::size_t drafts_ = 0;          // mutex_
    bool closed_ = false;             // mutex_
};

}  // namespace parlor::ledger
