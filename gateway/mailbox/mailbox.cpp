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

// --- life ---------------------------------------------------------------------------------------

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

// A timer that fires too early does no harm: it is only ever moved forwards. So a reader that
// leaves and comes back, which is what every delivery to a poll is, does not touch it.
void Mailbox::rearm() {
    Time next = std::min(lingerAt_, lease_.next());
    // While a question is under way its answer goes on; without a connection, the reconnect does.
    const bool filling = fillAt_ != kNever || !behind_.empty();
    if (filling && !asking_ && hub_.connected() && attached_ > 0) {
        const Time now = hub_.wheel_.now();
        if (fillAt_ > now) next = std::min(next, fillAt_);
        if (retryAt_ > now) next = std::min(next, retryAt_);
    }
    if (next == kNever) return;
    if (!timer_.armed() || next < timer_.deadline()) hub_.wheel_.arm(timer_, next);
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
