#include "ledger/intake/submission_queue.h"

namespace parlor::ledger {

bool SubmissionQueue::push(Submission&& submission) {
    bool wasEmpty = false;
    {
        const std::scoped_lock lock(mutex_);
        const bool full =
            waiting_.size() >= limits_.submissions || bytes_ + submission.bytes > limits_.bytes;
        if (full || closed_) return false;
        wasEmpty = waiting_.empty();
        bytes_ += submission.bytes;
        drafts_ += submission.drafts();
        waiting_.push_back(std::move(submission));
    }
    if (wasEmpty) changed_.notify_one();
    return true;
}

std::vector<Submission> SubmissionQueue::take(std::size_t maxDrafts, bus::Deadline until) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until, [&] { return !waiting_.empty() || closed_; });
    std::vector<Submission> taken;
    std::size_t count = 0;
    while (!waiting_.empty()) {
        const std::size_t drafts = waiting_.front().drafts();
        if (!taken.empty() && count + drafts > maxDrafts) break;
        count += drafts;
        drafts_ -= drafts;
        bytes_ -= waiting_.front().bytes;
        taken.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return taken;
}

void SubmissionQueue::close() {
    {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
    }
    changed_.notify_one();
}

std::size_t SubmissionQueue::size() const {
    const std::scoped_lock lock(mutex_);
    return waiting_.size();
}

std::size_t SubmissionQueue::drafts() const {
    const std::scoped_lock lock(mutex_);
    return drafts_;
}

bool SubmissionQueue::finished() const {
    const std::scoped_lock lock(mutex_);
    return closed_ && waiting_.empty();
}

}  // namespace parlor::ledger
