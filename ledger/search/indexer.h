#pragma once

#include <Poco/Logger.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "ledger/search/recording_load.h"
#include "ledger/store/search_index.h"

namespace parlor::ledger {

struct IndexerOptions {
    std::chrono::milliseconds delay{500};   // what is recorded is gathered for so long
    std::chrono::milliseconds retry{2000};  // where the database is away
    std::uint32_t page = 500;               // conversations that one look at the record takes
    struct Pace {
        std::uint32_t events;  // in one transaction
        // Recording goes first: while it is busy all the time, this rests so many times as long as
        // it writes; accordingly less while it is not, and not at all while nothing is recorded.
        int restFactor;
    };
    // Where the database has one writer, recording waits for a transaction.
    Pace oneWriter{.events = 8, .restFactor = 9};
    Pace manyWriters{.events = 256, .restFactor = 9};
};

// Follows the record on a thread of its own: search index and digests. What this replica recorded
// it is told; what was left behind otherwise (a replica that died, a new index) it finds when it
// starts. All calls from any thread.
class Indexer {
 public:
    using Clock = RecordingLoad::Clock;

    // `isShared`: the database has more than one writer. The logger must outlive it.
    Indexer(const IndexerOptions& options, std::unique_ptr<SearchIndex> index, bool isShared,
            Poco::Logger& log);
    ~Indexer();
    Indexer(const Indexer&) = delete;
    Indexer& operator=(const Indexer&) = delete;

    void start();
    // What is not indexed by now is when it starts again.
    void stop();

    // A transaction that took so long gave these events.
    void recorded(const std::vector<ConversationId>& conversations, Clock::duration took);

 private:
    void run();
    // Waits for something to do; false when it is to end.
    bool gather(std::vector<ConversationId>& conversations);
    bool catchUp();
    // Indexes all of the conversations' events; false where the database is away.
    bool index(std::vector<ConversationId> conversations);
    bool rest(Clock::duration time);
    template <class T>
    bool succeeded(const Expected<T>& result);

    const IndexerOptions options_;
    const IndexerOptions::Pace pace_;
    const std::unique_ptr<SearchIndex> index_;  // thread_ only
    Poco::Logger& log_;
    RecordingLoad load_{Clock::now()};
    bool caughtUp_ = false;  // thread_ only
    bool failing_ = false;   // thread_ only

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;                        // mutex_
    std::unordered_set<ConversationId> advanced_;  // mutex_
    std::thread thread_;
};

}  // namespace parlor::ledger
