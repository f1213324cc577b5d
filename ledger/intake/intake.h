#pragma once

#include <Poco/Logger.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "ledger/announce/announcer.h"
#include "ledger/dispatch/desk.h"
#include "ledger/intake/batch.h"
#include "ledger/intake/recorded_queue.h"
#include "ledger/intake/recorder.h"
#include "ledger/intake/submission_queue.h"
#include "ledger/metrics/metrics.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

struct IntakeOptions : RecorderOptions {
    SubmissionQueue::Limits queue;
    SubmissionQueue::Pace pace;
    // Transactions at the same time; one where the database is not shared.
    std::size_t writers = 2;
};

// Takes posts and requests to open, records them and says so. What does not fit into the queue is
// answered with `overloaded`.
//
// submit() and the questions may be called from any thread; announcing and the chores happen on one
// thread of its own.
class Intake {
 public:
    // A small piece of other work that must not overlap an announcement. How long until it wants to
    // be called again, unless wake() is called before.
    using Chore = std::function<std::chrono::milliseconds()>;

    // One recorder for each writer. `changed` is called on the announcing thread and must not wait.
    // All references must outlive it.
    Intake(const IntakeOptions& options, std::vector<std::unique_ptr<Writer>> writers,
           Announcer& announcer, const Desk& desk, Metrics& metrics, Poco::Logger& log,
           Batch::Changed changed, Chore chore);
    ~Intake();
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;

    void start();
    // Takes nothing more, records what it has, and announces it; with replicas it does chores for a
    // moment more, until all that was told has settled. What is left at the deadline stays
    // unconfirmed. Idempotent.
    void stop(bus::Deadline deadline);

    // Why it is not taken, where there is nobody to answer.
    std::optional<Drop> submit(Received received);
    // Where there is no room the command is let go of.
    void submit(Command command);
    // There are chores to do.
    void wake() { recorded_.wake(); }
    // False while transactions fail, or one (or a chore) does not come to an end.
    bool healthy() const;

    // For chores: the newest transaction, and whether it and all before it have been announced, or
    // have failed.
    RecordedQueue::Turn newestTurn() const { return recorded_.newest(); }
    bool isOver(RecordedQueue::Turn turn) const { return recorded_.isOver(turn); }
    // Those that such a transaction may have changed and nobody was told.
    std::vector<ConversationId> underWay(std::span<const ConversationId> of) const {
        return recorded_.underWay(of);
    }

 private:
    void run();
    // Told, not settled, and there is time left.
    bool isSettling() const;

    static constexpr bus::Deadline kNone = bus::Deadline::max();

    const std::chrono::milliseconds stuckAfter_;
    Announcer& announcer_;
    Metrics& metrics_;
    DraftLog drafts_;
    const Batch::Changed changed_;  // called on thread_
    const Chore chore_;             // called on thread_
    SubmissionQueue queue_;
    RecordedQueue recorded_;
    std::vector<std::unique_ptr<Recorder>> recorders_;
    std::atomic<bus::Deadline> choreBegun_{kNone};   // of the one under way
    std::atomic<bus::Deadline> settleUntil_{kNone};  // from stop() on
    std::thread thread_;
};

}  // namespace parlor::ledger
