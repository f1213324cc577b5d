#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "ledger/intake/submission.h"

namespace parlor::ledger {

// Submissions between the bus's thread and the recorders'. A conversation is with one recorder at a
// time, so that its events keep the order in which they came. Bounded in number and bytes.
// Thread-safe.
class SubmissionQueue {
 public:
    struct Limits {
        std::size_t submissions = 8192;
        std::size_t bytes = std::size_t{64} * 1024 * 1024;
    };
    struct Pace {
        std::size_t drafts = 512;             // at most taken at once, but at least one submission
        std::chrono::microseconds linger{0};  // how long what is taken waits for more
        // While somebody has taken something and not given it back, others wait until so many
        // drafts wait, or so long: one large transaction costs less than two small ones.
        std::size_t beside = 128;
        std::chrono::milliseconds patience{50};
    };
    struct Taken {
        std::vector<Submission> submissions;
        std::vector<ConversationId> conversations;
    };

    SubmissionQueue(Limits limits, Pace pace) : limits_(limits), pace_(pace) {}

    // False where it is full or closed: then `submission` is as it was.
    bool push(Submission&& submission);
    // Waits until there is something to take, of conversations that nobody has; nothing: it is
    // finished(), or somebody else was faster. To be given back, by whoever will take again, when
    // all of it has been seen to.
    Taken take();
    void giveBack(const std::vector<ConversationId>& conversations);
    // Takes nothing more in; what is there can be taken out.
    void close();

    std::size_t size() const;
    bool finished() const;  // closed and empty

 private:
    struct Lane {
        std::vector<Submission> waiting;
        bool taken = false;
    };

    // The rest is called with mutex_ held.
    bool mayTake() const;
    Taken takeReady();
    void takeFrom(const ConversationId& conversation, Taken& taken, std::size_t& drafts);

    const Limits limits_;
    const Pace pace_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::unordered_map<ConversationId, Lane> lanes_;  // mutex_; with something, or taken
    std::deque<ConversationId> ready_;                // mutex_; lanes that can be taken
    std::size_t readyDrafts_ = 0;                     // mutex_; in them
    std::size_t size_ = 0;                            // mutex_; submissions in all lanes
    std::size_t bytes_ = 0;                           // mutex_
    std::size_t underWay_ = 0;                        // mutex_; taken and not given back
    bus::Deadline patientUntil_{};                    // mutex_; with the newest of them
    bool called_ = false;  // mutex_; somebody was, and has not looked yet
    bool closed_ = false;  // mutex_
};

}  // namespace parlor::ledger
