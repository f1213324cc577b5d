#pragma once

#include <Poco/Logger.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "ledger/announce/announcer.h"
#include "ledger/dispatch/desk.h"
#include "ledger/intake/batch.h"
#include "ledger/intake/recorded_queue.h"
#include "ledger/intake/submission_queue.h"
#include "ledger/metrics/metrics.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

struct RecorderOptions {
    // A transaction under way for longer counts as failing, until it ends.
    std::chrono::milliseconds stuckAfter{10'000};
    // How long after its end a visitor's message reopens a conversation.
    std::chrono::milliseconds reopenWithin = std::chrono::hours(7 * 24);
};

// Records in batches what it takes from the queue, on a thread and through a writer of its own, and
// hands on what is on disk, in the order of its commits. While one transaction commits the next
// batch gathers. A transaction that fails as a whole is tried again, with backoff, until it
// succeeds or its senders have given up; meanwhile the queue fills.
class Recorder {
 public:
    // All references must outlive it.
    Recorder(const RecorderOptions& options, SubmissionQueue& queue, std::unique_ptr<Writer> writer,
             RecordedQueue& recorded, Announcer& announcer, const Desk& desk, Metrics& metrics,
             DraftLog& drafts, Poco::Logger& log);
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    void start();
    // The queue is closed. What is left at the deadline is not recorded.
    void endAt(bus::Deadline deadline);
    // Once told its end: waits for it.
    void join();

    // Any thread. False while transactions fail, or one does not come to an end.
    bool healthy() const;

 private:
    void run();
    // False where endAt()'s deadline came first.
    bool recordAll(std::vector<Submission> submissions);
    // The submissions that are left once the transaction has been tried: none when it succeeded.
    std::vector<Submission> recordOnce(std::vector<Submission> submissions);
    // False where endAt()'s deadline came first; the rest is let go of.
    bool recordApart(std::vector<Submission> submissions, const Error& why);
    void dropExpired(std::vector<Submission>& submissions);
    void setHealthy(bool healthy, const std::string& why);
    // Waits before the next try; false where it is time to give up.
    bool backOff(int failures);

    static constexpr bus::Deadline kNone = bus::Deadline::max();

    const RecorderOptions options_;
    SubmissionQueue& queue_;
    const std::unique_ptr<Writer> writer_;  // thread_ only
    RecordedQueue& recorded_;
    Announcer& announcer_;
    const Desk& desk_;
    Metrics& metrics_;
    DraftLog& drafts_;
    Poco::Logger& log_;
    std::atomic<bool> healthy_{true};
    std::atomic<bus::Deadline> begun_{kNone};  // of what is under way
    std::mutex mutex_;
    std::condition_variable stopped_;
    std::optional<bus::Deadline> stopAt_;  // mutex_
    std::mt19937 random_;                  // thread_ only
    std::thread thread_;
};

}  // namespace parlor::ledger
