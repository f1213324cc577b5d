#include "gateway/mailbox/mailbox.h"

#include <algorithm>
#include <utility>

#include "gateway/mailbox/mailbox_hub.h"

namespace parlor::gateway {

Mailbox::Mailbox(MailboxHub& hub, SiteId site, ConversationId conversation)
    : hub_(hub),
      site_(std::move(site)),
      conversation_(conversation),
      timer_([this] { onTimer(); }) {}

// --- readers ------------------------------------------------------------------------------------

bool Mailbox::resolve(Reader& reader) const {
    if (!known()) return false;
    // It has seen a later epoch than we have: the ledger knows.
    if (reader.cursor_.epoch > epoch_ && !epochSure_) return false;
    if (reader.cursor_.epoch != 0 && reader.cursor_.epoch != epoch_) {
        reader.cursor_ = {epoch_, 0};
        reader.reset_ = true;
    }
    return reader.cursor_.seq < ring_.last();
}

PageRef Mailbox::take(Reader& reader) {
    if (reader.format_ == Format::proto) keepProto_ = true;
    if (!resolve(reader) || !covers(reader)) return nullptr;
    return ringPage(reader);
}

bool Mailbox::upToDate(const Reader& reader) const {
    return verified() && held_.empty() && reader.cursor_.seq >= ring_.last() && !reader.reset_ &&
           (reader.cursor_.epoch == 0 || reader.cursor_.epoch == epoch_);
}

void Mailbox::wait(Reader& reader) {
    if (known() && reader.cursor_.epoch > epoch_) {
        epochSure_ = false;
        verifiedIn_ = 0;
    }
    const bool behind = resolve(reader);
    (behind ? behind_ : waiting_).push_back(reader);
    if (behind || !verified()) {
        if (!verified() && fillAt_ == kNever && subscription_ == Subscription::confirmed) {
            fillAt_ = hub_.wheel_.now();
        }
        evaluate();
    }
}

EventRef Mailbox::render(const v1::Event& event) const {
    return std::make_shared<RenderedEvent>(event, keepProto_);
}

// Events that came before there was a reader of Format::proto have no such form: history has it.
bool Mailbox::covers(const Reader& reader) const {
    const std::uint64_t seq = reader.cursor_.seq;
    if (!ring_.covers(seq)) return false;
    if (reader.format_ == Format::json) return true;
    const auto events = ring_.after(seq);
    return std::all_of(events.begin(), events.end(),
                       [](const EventRef& event) { return event->visible != nullptr; });
}

// The ring covers the reader.
PageRef Mailbox::ringPage(Reader& reader) {
    const std::uint64_t after = reader.cursor_.seq;
    if (reader.reset_ || reader.format_ == Format::proto) {
        return finish(reader, std::make_shared<Page>(epoch_, after, ring_.after(after),
                                                     reader.reset_, reader.format_));
    }
    if (!lastPage_ || lastPageAfter_ != after ||
        lastPage_->cursor != Cursor{epoch_, ring_.last()}) {
        lastPage_ = std::make_shared<Page>(epoch_, after, ring_.after(after), false, Format::json);
        lastPageAfter_ = after;
    }
    return finish(reader, lastPage_);
}

PageRef Mailbox::finish(Reader& reader, PageRef page) {
    reader.cursor_ = page->cursor;
    reader.reset_ = false;
    return page;
}

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

// --- live signals -------------------------------------------------------------------------------

void Mailbox::onLive(LiveSignalRef signal) {
    if (!live_) live_ = std::make_unique<LiveState>();
    live_->apply(signal, hub_.unixMs());
    Listeners todo;
    todo.swap(listeners_);
    while (!todo.empty()) {
        LiveListener& listener = todo.front();
        todo.pop_front();
        listeners_.push_back(listener);
        listener.onLive(signal);
    }
}

void Mailbox::takeOver(std::string_view clientName) {
    Listeners todo;
    todo.swap(listeners_);
    while (!todo.empty()) {
        LiveListener& listener = todo.front();
        todo.pop_front();
        listeners_.push_back(listener);
        if (listener.clientName() == clientName) listener.onReplaced();
    }
}

// --- presence -----------------------------------------------------------------------------------

void Mailbox::onPresence(const v1::Presence& presence) {
    if (presence_ && presence_->state() == presence.state() &&
        presence_->page_url() == presence.page_url() &&
        presence_->page_title() == presence.page_title()) {
        return;
    }
    presence_ = std::make_unique<v1::Presence>(presence);
    const Time now = hub_.wheel_.now();
    lease_.onChange(now);
    if (attached_ == 0) return;
    if (const auto state = lease_.due(now)) publishPresence(*state);
    rearm();
}

void Mailbox::publishPresence(v1::Presence::State state) {
    v1::Presence presence;
    if (presence_) presence = *presence_;
    // Away is what is seen from here, whatever the visitor said last.
    if (state == v1::Presence::STATE_AWAY || !presence_) presence.set_state(state);
    hub_.publishPresence(site_, conversation_, presence);
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

// Readers that stand within what history gave, and all whom the ring covers now.
void Mailbox::serve(std::uint64_t after, std::span<const EventRef> events) {
    serveWaiting();
    Readers todo;
    todo.swap(behind_);
    while (!todo.empty()) {
        Reader& reader = todo.front();
        todo.pop_front();
        const bool behind = resolve(reader);
        const std::uint64_t seq = reader.cursor_.seq;
        if (!behind) {
            waiting_.push_back(reader);
        } else if (covers(reader)) {
            reader.onPage(ringPage(reader));
        } else if (seq >= after && seq < after + events.size()) {
            const auto rest = events.subspan(static_cast<std::size_t>(seq - after));
            reader.onPage(finish(
                reader, std::make_shared<Page>(epoch_, seq, rest, reader.reset_, reader.format_)));
        } else {
            behind_.push_back(reader);
        }
    }
}

void Mailbox::serveWaiting() {
    if (!std::exchange(ringChanged_, false)) return;
    Readers todo;
    todo.swap(waiting_);
    while (!todo.empty()) {
        Reader& reader = todo.front();
        todo.pop_front();
        if (!resolve(reader)) {
            waiting_.push_back(reader);
        } else if (covers(reader)) {
            reader.onPage(ringPage(reader));
        } else {
            behind_.push_back(reader);
        }
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

void Mailbox::evaluate() {
    serveWaiting();
    if (subscription_ == Subscription::none && attached_ > 0 && hub_.connected() &&
        fillAt_ <= hub_.wheel_.now()) {
        fillAt_ = kNever;
        hub_.wantSubscription(*this);
    }
    if (question()) hub_.wantHistory(*this);
    rearm();
}

// --- life ---------------------------------------------------------------------------------------

void Mailbox::attach() {
    lingerAt_ = kNever;
    if (attached_++ == 0) {
        const Time now = hub_.wheel_.now();
        lease_.onFirstReader(now);
        if (const auto state = lease_.due(now)) publishPresence(*state);
        if (subscription_ == Subscription::none && hub_.connected()) hub_.wantSubscription(*this);
        rearm();
    }
}

void Mailbox::detach(bool peerLeft) {
    if (--attached_ > 0) return;
    const Time now = hub_.wheel_.now();
    lease_.onLastReaderGone(now, peerLeft);
    lingerAt_ = now + kLinger;
    rearm();
}

void Mailbox::onTimer() {
    const Time now = hub_.wheel_.now();
    if (lingerAt_ <= now) return hub_.retire(*this);
    if (const auto state = lease_.due(now)) publishPresence(*state);
    evaluate();
}

void Mailbox::rearm() {
    Time next = std::min(lingerAt_, lease_.next());
    const Time now = hub_.wheel_.now();
    // While a question is under way its answer goes on; without a connection, the reconnect does.
    if (!asking_ && hub_.connected() && attached_ > 0) {
        if (fillAt_ > now) next = std::min(next, fillAt_);
        if (retryAt_ > now && (fillAt_ != kNever || !behind_.empty())) {
            next = std::min(next, retryAt_);
        }
    }
    if (next == kNever) return timer_.cancel();
    if (!timer_.armed() || timer_.deadline() != next) hub_.wheel_.arm(timer_, next);
}

Attachment& Attachment::operator=(Attachment&& other) noexcept {
    if (this != &other) {
        release(false);
        mailbox_ = std::exchange(other.mailbox_, nullptr);
    }
    return *this;
}

void Attachment::release(bool peerLeft) {
    if (mailbox_ != nullptr) std::exchange(mailbox_, nullptr)->detach(peerLeft);
}

}  // namespace parlor::gateway
