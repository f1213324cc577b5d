#pragma once

#include <Poco/Logger.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "ledger/announce/announcer.h"
#include "ledger/dispatch/desk.h"
#include "ledger/intake/batch.h"
#include "ledger/intake/submission_queue.h"
#include "ledger/metrics/metrics.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

struct IntakeOptions {
    std::size_t batchDrafts = 512;        // at most in one transaction
    std::chrono::microseconds linger{0};  // how long a batch waits for more once it has something
    SubmissionQueue::Limits queue;
    // A transaction or chore under way for longer counts as failing, until it ends.
    std::chrono::milliseconds stuckAfter{10'000};
    // How long after its end a visitor's message reopens a conversation.
    std::chrono::milliseconds reopenWithin = std::chrono::hours(7 * 24);
};

// Takes posts and requests to open, records them in batches and says so. While one transaction
// commits the next batch gathers. A transaction that fails as a whole is tried again, with backoff,
// until it succeeds or its senders have given up; meanwhile the queue fills and what does not fit
// is answered with `overloaded`.
//
// submit() and the questions may be called from any thread; recording, announcing and the chores
// happen on one thread of its own.
class Intake {
 public:
    // A small piece of other work that must not overlap a batch. How long until it wants to be
    // called again, unless wake() is called before.
    using Chore = std::function<std::chrono::milliseconds()>;

    // `changed` is called on the recording thread and must not wait. All references must outlive
    // it.
    Intake(const IntakeOptions& options, std::unique_ptr<Writer> writer, Announcer& announcer,
           const Desk& desk, Metrics& metrics, Poco::Logger& log, Batch::Changed changed,
           Chore chore);
    ~Intake();
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;

    void start();
    // Takes nothing more, records what it has, and announces it. What is left at the deadline stays
    // unconfirmed. Idempotent.
    void stop(bus::Deadline deadline);

    void submit(Received received);
    // Where there is no room the command is let go of.
    void submit(Command command);
    // There are chores to do.
    void wake() { queue_.wake(); }
    // False while transactions fail, or one does not come to an end.
    bool healthy() const;

 private:
    void run();
    void gather(std::vector<Submission>& submissions);
    // False where stop()'s deadline came first.
    bool recordAll(std::vector<Submission> submissions);
    // The submissions that are left once the transaction has been tried: none when it succeeded.
    std::vector<Submission> recordOnce(std::vector<Submission> submissions);
    void recordApart(std::vector<Submission> submissions, const Error& why);
    void dropExpired(std::vector<Submission>& submissions);
    void setHealthy(bool healthy, const std::string& why);
    // Waits before the next try; false where it is time to give up.
    bool backOff(int failures);

    static constexpr bus::Deadline kNone = bus::Deadline::max();

    const IntakeOptions options_;
    const std::unique_ptr<Writer> writer_;  // thread_ only
    Announcer& announcer_;
    const Desk& desk_;
    Metrics& metrics_;
    Poco::Logger& log_;
    const Batch::Changed changed_;  // called on thread_
    const Chore chore_;             // called on thread_
    SubmissionQueue queue_;
    std::atomic<bool> healthy_{true};
    std::atomic<bus::Deadline> begun_{kNone};  // of what is under way
    std::mutex mutex_;
    std::condition_variable stopped_;
    std::optional<bus::Deadline> stopAt_;  // mutex_
    std::mt19937 random_;                  // thread_ only
    std::thread thread_;
};

}  // namespace parlor::ledger
