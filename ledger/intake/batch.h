#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ledger/announce/announcer.h"
#include "ledger/dispatch/desk.h"
#include "ledger/intake/rules.h"
#include "ledger/intake/submission.h"
#include "ledger/metrics/metrics.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

// The submissions of one transaction: what they touch, what they make of it, and what is to be told
// once it is on disk. One thread. `desk` must outlive it.
class Batch {
 public:
    // How a conversation stands differently from before (none: it is new).
    using Changed = std::function<void(const Conversation* before, const Conversation& now)>;

    // `reopenWithin`: how long after its end a visitor's message reopens a conversation.
    Batch(std::vector<Submission> submissions, const Desk& desk,
          std::chrono::milliseconds reopenWithin)
        : submissions_(std::move(submissions)), desk_(desk), reopenWithin_(reopenWithin) {}

    std::size_t drafts() const;
    const std::vector<Submission>& submissions() const { return submissions_; }
    std::vector<Submission> takeSubmissions() && { return std::move(submissions_); }

    Scope scope() const;
    // Where the store puts what the scope holds.
    Snapshot& snapshot() { return snapshot_; }
    // See Decide in store.h.
    const Changes& decide();
    // Publishes events, then states, then receipts, and tells `changed`. To be called once, after
    // the commit.
    void announce(Announcer& announcer, Metrics& metrics, DraftLog& log, const Changed& changed);

 private:
    struct Work {
        const Conversation* before = nullptr;  // in snapshot_; none: does not exist
        std::optional<Conversation> now;
        bool healing = false;  // a repeated draft: what is out there may be behind
    };
    // An event to be published.
    struct Publication {
        DraftKey key;
        Place place;
        std::optional<std::size_t> fresh;  // its index in changes_.events; none: in snapshot_.known
        std::size_t submission;            // its index in submissions_
    };

    struct Refused {
        Errc why;
        std::size_t submission;            // its index in submissions_
        std::optional<RequestId> request;  // none: its draft names none that is valid
    };

    // The conversation, where it exists and is one of the submission's site.
    Work* find(const Submission& submission);
    v1::Receipt decideDraft(const Submission& submission, const CheckedDraft& checked);
    v1::Response decideOpen(const Submission& submission, const CheckedOpen& open);
    void decideCommand(const Submission& submission, const Command& command);
    Scene sceneOf(const Work& work) const;
    Place recordAll(Work& work, std::vector<v1::Event> events, const RequestId& request);
    // Gives the event its place, chains it and takes it into the row.
    Place record(Work& work, v1::Event event, const RequestId& request);
    void countLoads(const std::optional<AgentId>& before, const Conversation& row);
    std::string_view nextSalt();
    std::string takeBytes(const Publication& publication);
    // Where a draft was recorded before, if it was.
    std::optional<Place> repeated(const DraftKey& key);
    v1::Recorded toRecorded(const Place& place) const;

    std::vector<Submission> submissions_;
    const Desk& desk_;
    const std::chrono::milliseconds reopenWithin_;

    Snapshot snapshot_;

    // Of the last decide().
    std::int64_t nowMs_ = 0;
    std::size_t deciding_ = 0;  // the submission, in submissions_
    Loads loads_;               // of the scope's agents, with what this batch has changed
    std::string salts_;         // drawn and not used up to saltsUsed_
    std::size_t saltsUsed_ = 0;
    std::unordered_map<ConversationId, Work> work_;
    std::unordered_map<DraftKey, Place> placed_;  // recorded by this batch
    std::vector<Publication> publications_;
    std::vector<v1::Response> responses_;  // one for each submission
    std::vector<Refused> refusals_;
    std::size_t duplicates_ = 0;
    Changes changes_;
};

}  // namespace parlor::ledger
