#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ledger/announce/agents.h"
#include "ledger/announce/announcer.h"
#include "ledger/intake/rules.h"
#include "ledger/intake/submission.h"
#include "ledger/metrics/metrics.h"
#include "ledger/store/store.h"

namespace parlor::ledger {

// The submissions of one transaction: what they touch, what they make of it, and what is to be told
// once it is on disk. One thread. `agents` must outlive it.
class Batch {
 public:
    Batch(std::vector<Submission> submissions, const AgentDirectory& agents)
        : submissions_(std::move(submissions)), agents_(agents) {}

    std::size_t drafts() const;
    const std::vector<Submission>& submissions() const { return submissions_; }
    std::vector<Submission> takeSubmissions() && { return std::move(submissions_); }

    Scope scope() const;
    // Where the store puts what the scope holds.
    Snapshot& snapshot() { return snapshot_; }
    // See Decide in store.h.
    const Changes& decide();
    // Publishes events, then states, then receipts. To be called once, after the commit.
    void announce(Announcer& announcer, Metrics& metrics);

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
    };

    // The conversation, where it exists and is one of the submission's site.
    Work* find(const Submission& submission);
    v1::Receipt decideDraft(const Submission& submission, const CheckedDraft& checked);
    v1::Response decideOpen(const Submission& submission, const CheckedOpen& open);
    // Gives the event its place, chains it and takes it into the row.
    Place record(Work& work, v1::Event event, const RequestId& request);
    std::string takeBytes(const Publication& publication);
    // Where a draft was recorded before, if it was.
    std::optional<Place> repeated(const DraftKey& key);
    v1::Recorded toRecorded(const Place& place) const;

    std::vector<Submission> submissions_;
    const AgentDirectory& agents_;

    Snapshot snapshot_;

    // Of the last decide().
    std::int64_t nowMs_ = 0;
    std::string salts_;  // one for each draft
    std::unordered_map<ConversationId, Work> work_;
    std::unordered_map<DraftKey, Place> placed_;  // recorded by this batch
    std::vector<Publication> publications_;
    std::vector<v1::Response> responses_;  // one for each submission
    std::vector<Errc> refusals_;
    std::size_t duplicates_ = 0;
    Changes changes_;
};

}  // namespace parlor::ledger
