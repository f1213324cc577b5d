#include "ledger/intake/submission_queue.h"

#include <numeric>
#include <utility>

namespace parlor::ledger {
namespace {

std::size_t draftsIn(const std::vector<Submission>& submissions) {
    return std::accumulate(
        submissions.begin(), submissions.end(), std::size_t{0},
        [](std::size_t count, const Submission& each) { return count + each.drafts(); });
}

}  // namespace

bool SubmissionQueue::push(Submission&& submission) {
    bool call = false;
    {
        const std::scoped_lock lock(mutex_);
        const bool full = size_ >= limits_.submissions || bytes_ + submission.bytes > limits_.bytes;
        if (full || closed_) return false;
        ++size_;
        bytes_ += submission.bytes;
        auto& lane = lanes_[submission.conversation];
        if (!lane.taken) {
            if (lane.waiting.empty()) ready_.push_back(submission.conversation);
            // The first of all lets whoever waits look how long it is to be patient.
            const bool isFirst = readyDrafts_ == 0;
            readyDrafts_ += submission.drafts();
            call = (isFirst || mayTake()) && !std::exchange(called_, true);
        }
        lane.waiting.push_back(std::move(submission));
    }
    if (call) changed_.notify_one();
    return true;
}

bool SubmissionQueue::mayTake() const {
    if (readyDrafts_ == 0) return false;
    return underWay_ == 0 || readyDrafts_ >= pace_.beside || bus::Clock::now() >= patientUntil_;
}

SubmissionQueue::Taken SubmissionQueue::take() {
    std::unique_lock lock(mutex_);
    for (called_ = false; !mayTake(); called_ = false) {
        if (closed_ && size_ == 0) return {};
        if (readyDrafts_ > 0) {
            changed_.wait_until(lock, patientUntil_);
        } else {
            changed_.wait(lock);
        }
    }
    ++underWay_;
    if (pace_.linger.count() > 0) {
        changed_.wait_until(lock, bus::Clock::now() + pace_.linger,
                            [&] { return closed_ || readyDrafts_ >= pace_.drafts; });
    }
    patientUntil_ = bus::Clock::now() + pace_.patience;
    Taken taken = takeReady();
    const bool more = mayTake();
    lock.unlock();
    if (more) changed_.notify_one();
    return taken;
}

SubmissionQueue::Taken SubmissionQueue::takeReady() {
    Taken taken;
    for (std::size_t drafts = 0; !ready_.empty();) {
        const auto conversation = ready_.front();
        const auto first = lanes_.at(conversation).waiting.front().drafts();
        if (!taken.submissions.empty() && drafts + first > pace_.drafts) break;
        ready_.pop_front();
        takeFrom(conversation, taken, drafts);
    }
    return taken;
}

void SubmissionQueue::takeFrom(const ConversationId& conversation, Taken& taken,
                               std::size_t& drafts) {
    auto& lane = lanes_.at(conversation);
    lane.taken = true;
    taken.conversations.push_back(conversation);
    readyDrafts_ -= draftsIn(lane.waiting);
    auto end = lane.waiting.begin();
    for (; end != lane.waiting.end(); ++end) {
        if (!taken.submissions.empty() && drafts + end->drafts() > pace_.drafts) break;
        drafts += end->drafts();
        bytes_ -= end->bytes;
        --size_;
        taken.submissions.push_back(std::move(*end));
    }
    lane.waiting.erase(lane.waiting.begin(), end);
}

void SubmissionQueue::giveBack(const std::vector<ConversationId>& conversations) {
    bool all = false;
    {
        const std::scoped_lock lock(mutex_);
        --underWay_;
        for (const auto& conversation : conversations) {
            const auto lane = lanes_.find(conversation);
            if (lane->second.waiting.empty()) {
                lanes_.erase(lane);
                continue;
            }
            lane->second.taken = false;
            ready_.push_back(conversation);
            readyDrafts_ += draftsIn(lane->second.waiting);
        }
        all = closed_;
    }
    // Else whoever gives back takes again, and calls another where there is more.
    if (all) changed_.notify_all();
}

void SubmissionQueue::close() {
    {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
}

std::size_t SubmissionQueue::size() const {
    const std::scoped_lock lock(mutex_);
    return size_;
}

bool SubmissionQueue::finished() const {
    const std::scoped_lock lock(mutex_);
    return closed_ && size_ == 0;
}

}  // namespace parlor::ledger
