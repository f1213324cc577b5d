#pragma once

#include <Poco/Logger.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

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
    // Told that a conversation's events are others than before, on the runner's thread. `told` is
    // to be called once the broker was told what it retains of it now: from any thread, not after
    // the runner is gone, and never where that does not happen.
    using Changed = std::function<void(const ConversationId&, std::function<void()> told)>;

    // References must outlive it.
    JobRunner(const JobOptions& options, Store& store, Poco::Logger& log, Changed changed);
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
    Expected<JobResult> makeRecord(const SiteId& site, const ConversationId& id, bool notes);
    Expected<JobResult> eraseVisitor(const Job& job, const v1::EraseRequest& request);
    Expected<std::vector<ConversationId>> conversationsOf(const SiteId& site,
                                                          const v1::EraseRequest& request);
    // Which conversations: as it was found out when the job was begun.
    Expected<std::vector<ConversationId>> keptConversationsOf(const Job& job,
                                                              const v1::EraseRequest& request);
    Expected<v1::ErasureReceipt::Conversation> eraseOne(const Job& job, const ConversationId& id,
                                                        std::uint32_t number);
    // Waits until the broker was told; false where that is not to be before the end.
    bool tell(const ConversationId& id);
    void forgetOld();
    // False where the database failed.
    bool removeOld();
    bool isStopping();

    const JobOptions options_;
    Poco::Logger& log_;
    const Changed changed_;
    // The thread's own.
    const std::unique_ptr<JobStore> jobs_;
    const std::unique_ptr<Reader> reader_;
    const std::unique_ptr<Archive> archive_;
    const std::unique_ptr<Eraser> eraser_;
    std::uint64_t asked_ = 0;  // how often `changed_` was told

    std::mutex mutex_;
    std::condition_variable wake_;
    bool woken_ = true;       // mutex_
    bool stopping_ = false;   // mutex_
    std::uint64_t told_ = 0;  // mutex_; the newest of asked_ that was carried out
    std::thread thread_;
};

}  // namespace parlor::ledger
