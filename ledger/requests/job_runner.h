#pragma once

#include <Poco/Logger.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "ledger/requests/awaiter.h"
#include "ledger/requests/visitor_erasure.h"
#include "ledger/store/store.h"
#include "parlor/v1/rpc.pb.h"

namespace parlor::ledger {

struct JobOptions {
    // How often it looks for what another replica took and did not finish.
    std::chrono::milliseconds poll{5000};
    // Closed conversations are removed after so many days; 0: never. At least kLeastRetentionDays.
    std::uint32_t retentionDays = 0;
    std::chrono::milliseconds sweep{3'600'000};    // how often it looks for those
    std::chrono::milliseconds sweepRetry{60'000};  // until the next try where the database failed
};
// As long as the broker may retain their newest events (docs/protocol.md), and a day.
inline constexpr std::uint32_t kLeastRetentionDays = 8;

// Carries out jobs, one at a time, on a thread of its own: transcripts, erasures and long reports;
// forgets old ones; removes conversations that are older than they may be. All calls from any
// thread.
class JobRunner {
 public:
    // References must outlive it.
    JobRunner(const JobOptions& options, Store& store, Poco::Logger& log, ErasureWays erasing);
    ~JobRunner();
    JobRunner(const JobRunner&) = delete;
    JobRunner& operator=(const JobRunner&) = delete;

    void start();
    // Finishes the transcript or the conversation it is at; what is left goes on at the next start,
    // here or elsewhere.
    void stop();
    // There is a new job.
    void wake();

 private:
    using Clock = std::chrono::steady_clock;

    void run();
    // True where there may be more.
    bool runOne();
    Expected<JobResult> carryOut(const Job& job);
    Expected<JobResult> makeTranscript(const Job& job, const v1::TranscriptRequest& request);
    Expected<JobResult> makeVisitorTranscript(const SiteId& site, const ConversationId& id,
                                              const v1::TranscriptRequest& request);
    Expected<JobResult> makeRecord(const SiteId& site, const ConversationId& id, bool notes);
    Expected<JobResult> eraseVisitor(const Job& job, const v1::EraseRequest& request);
    void forgetOld();
    // False where the database failed.
    bool removeOld();

    const JobOptions options_;
    Poco::Logger& log_;
    Awaiter awaiter_;
    // The thread's own.
    const std::unique_ptr<JobStore> jobs_;
    const std::unique_ptr<Reader> reader_;
    const std::unique_ptr<Archive> archive_;
    const std::unique_ptr<Eraser> eraser_;
    VisitorErasure erasure_;

    std::mutex mutex_;
    std::condition_variable wake_;
    bool woken_ = true;  // mutex_
    std::thread thread_;
};

}  // namespace parlor::ledger
