// What a mailbox knows of the record: events from the bus, the ring, history's answers.
#include <algorithm>
#include <utility>

#include "gateway/mailbox/mailbox.h"
#include "gateway/mailbox/mailbox_hub.h"

namespace parlor::gateway {

// --- what comes from the bus --------------------------------------------------------------------

bool Mailbox::verified() const { return verifiedIn_ == hub_.connection(); }

// A reader has seen a later epoch than the event that ours was taken from: after a restore, what
// was recorded before still bears the epoch of its time.
bool Mailbox::isEpochDoubted() const {
    return !epochSure_ &&
           std::any_of(waiting_.begin(), waiting_.end(),
                       [this](const Reader& reader) { return reader.cursor_.epoch > epoch_; });
}

void Mailbox::markVerified() {
    if (overflowed_ || isEpochDoubted()) return scheduleFill(hub_.wheel_.now());
    verifiedIn_ = hub_.connection();
    if (held_.empty()) fillAt_ = kNever;
}

void Mailbox::onEvent(const v1::Event& event, bool retained) {
    const std::uint64_t seq = event.seq();
    if (live_ && (event.has_assigned() || event.has_closed())) {
        live_->forgetQueuePosition(hub_.unixMs());
    }
    if (!known()) {
        adopt(event.epoch(), seq - 1);
    } else if (event.epoch() != epoch_) {
        // Which of the two is the present one, the ledger knows.
        hub_.stats_.dropped(Drop::staleEpoch).add();
        verifiedIn_ = 0;
        return scheduleFill(hub_.wheel_.now());
    }
    if (seq <= ring_.last()) {
        if (!retained) return hub_.stats_.dropped(Drop::duplicate).add();
        // The broker's newest is ours: nothing was missed. Or the broker's memory is older than
        // ours and proves nothing.
        if (seq == ring_.last()) {
            markVerified();
        } else if (!verified()) {
            scheduleFill(hub_.wheel_.now());
        }
    } else if (seq == ring_.last() + 1) {
        append(render(event));
        drainHeld();
        if (held_.empty()) markVerified();
    } else if (attached_ == 0) {
        // Nobody reads: start over from here, history serves whoever comes back with an older
        // cursor.
        adopt(epoch_, seq - 1);
        append(render(event));
        markVerified();
    } else {
        hold(render(event));
        // A retained head does not overtake anything: what is missing will not come by itself.
        scheduleFill(hub_.wheel_.now() + (retained ? Duration::zero() : kGapWait));
    }
    hub_.touch(*this);
}

// --- the ring -----------------------------------------------------------------------------------

// Starts over: the newest event known is `last` of `epoch`.
void Mailbox::adopt(std::uint32_t epoch, std::uint64_t last) {
    if (std::exchange(epoch_, epoch) != epoch) epochSure_ = false;
    ring_.restart(last);
    held_.clear();
    lastPage_.reset();
    ringChanged_ = true;
}

void Mailbox::append(EventRef event) {
    newestAtMs_ = event->recordedAtMs;
    ring_.append(std::move(event));
    ringChanged_ = true;
}

void Mailbox::hold(EventRef event) {
    const auto at =
        std::lower_bound(held_.begin(), held_.end(), event->seq,
                         [](const EventRef& held, std::uint64_t seq) { return held->seq < seq; });
    if (at != held_.end() && (*at)->seq == event->seq) {
        return hub_.stats_.dropped(Drop::duplicate).add();
    }
    held_.insert(at, std::move(event));
    if (held_.size() <= kMaxHeld) return;
    held_.pop_back();
    overflowed_ = true;
    verifiedIn_ = 0;
}

void Mailbox::drainHeld() {
    std::size_t used = 0;
    for (; used < held_.size() && held_[used]->seq <= ring_.last() + 1; ++used) {
        if (held_[used]->seq == ring_.last() + 1) append(held_[used]);
    }
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(used));
}

void Mailbox::onSubscribed(const Expected<void>& result) {
    const Time now = hub_.wheel_.now();
    if (result) {
        subscription_ = Subscription::confirmed;
        if (!verified()) scheduleFill(now + kVerifyWait);
    } else {
        subscription_ = Subscription::none;
        // Without a connection the reconnect subscribes; a refusal is tried again after a while.
        if (hub_.connected()) scheduleFill(now + kRetryWait);
        if (result.error().code == Errc::forbidden) tellFailure(result.error());
    }
    hub_.touch(*this);
}

void Mailbox::onReconnected() {
    if (subscription_ == Subscription::none) {
        if (attached_ > 0) hub_.wantSubscription(*this);
    } else if (subscription_ == Subscription::confirmed && !verified() && attached_ > 0) {
        scheduleFill(hub_.wheel_.now() + kVerifyWait);
    }
}

// --- history ------------------------------------------------------------------------------------

void Mailbox::scheduleFill(Time at) {
    fillAt_ = std::min(fillAt_, std::max(at, retryAt_));
    hub_.touch(*this);
}

std::optional<std::uint64_t> Mailbox::question() const {
    const Time now = hub_.wheel_.now();
    if (asking_ || !hub_.connected() || attached_ == 0 || now < retryAt_ ||
        subscription_ != Subscription::confirmed) {
        return {};
    }
    if (fillAt_ <= now && (!verified() || !held_.empty())) {
        if (known()) return ring_.last();
        std::uint64_t lowest = waiting_.empty() ? 0 : waiting_.front().cursor_.seq;
        for (const Reader& reader : waiting_) lowest = std::min(lowest, reader.cursor_.seq);
        return lowest;
    }
    if (!behind_.empty()) return behind_.front().cursor_.seq;
    return {};
}

void Mailbox::onHistory(std::uint64_t after, const Expected<v1::HistoryResponse>& answer) {
    asking_ = false;
    hub_.touch(*this);
    std::vector<EventRef> events;
    std::optional<Error> failure;
    if (!answer) {
        failure = answer.error();
    } else {
        for (const v1::Event& event : answer->events()) {
            if (event.seq() != after + events.size() + 1 || event.epoch() == 0) {
                failure = Error{Errc::internal, "history with a hole"};
                break;
            }
            events.push_back(render(event));
        }
        if (answer->epoch() == 0) failure = Error{Errc::internal, "history without an epoch"};
    }
    if (failure) {
        retryAt_ = hub_.wheel_.now() + kRetryWait;
        if (fillAt_ != kNever) fillAt_ = retryAt_;
        return tellFailure(*failure);
    }
    const bool newEpoch = answer->epoch() != epoch_;
    if (newEpoch) adopt(answer->epoch(), after);
    // Whoever waited for this looks again.
    if (!std::exchange(epochSure_, true)) ringChanged_ = true;
    integrate(after, events, answer->head_seq(), newEpoch);
    serve(after, events);
}

void Mailbox::integrate(std::uint64_t after, const std::vector<EventRef>& events,
                        std::uint64_t headSeq, bool newEpoch) {
    const std::uint64_t reached = after + events.size();
    if (after <= ring_.last()) {
        for (const EventRef& event : events) {
            if (event->seq == ring_.last() + 1) append(event);
        }
    }
    ring_.prepend(events);
    // More is missing than one answer holds, or the question was about a place that this epoch has
    // not reached: the ring starts over at the head, readers get their pages from history.
    if (headSeq > ring_.last() || (newEpoch && headSeq < ring_.last())) {
        adopt(epoch_, headSeq);
        if (reached == headSeq) ring_.prepend(events);
    }
    drainHeld();
    if (held_.empty()) {
        markVerified();
    } else {
        // The head is known, and still there is a hole in front of what is held: ask again.
        verifiedIn_ = hub_.connection();
        retryAt_ = hub_.wheel_.now() + kGapWait;
        fillAt_ = retryAt_;
    }
}

void Mailbox::tellFailure(const Error& error) {
    Readers todo;
    todo.swap(behind_);
    if (!verified() || !held_.empty()) todo.splice(todo.end(), waiting_);
    while (!todo.empty()) {
        Reader& reader = todo.front();
        todo.pop_front();
        if (error.code == Errc::notFound) {
            reader.onError(error);
        } else {
            hub_.stats_.gaps.add();
            reader.onGap();
        }
    }
}

}  // namespace parlor::gateway
