#include "gateway/edge/event_feed.h"

#include <algorithm>
#include <utility>

#include "gateway/edge/delivery.h"
#include "gateway/edge/limits.h"

namespace parlor::gateway {

EventFeed::EventFeed(Services& services, ReaderQuery query, Transport transport, Format format)
    : Reader(query.cursor, format),
      services_(services),
      transport_(transport),
      query_(std::move(query)) {}

EventFeed::~EventFeed() { closeFeed(false); }

void EventFeed::openFeed(const Grant& grant, std::string prologue) {
    open_ = true;
    services_.stats.parkedBy(transport_).add(1);
    mailbox_ = services_.hub.attach(grant.site, grant.conversation,
                                    query_.presence ? &*query_.presence : nullptr);
    if (!query_.client.empty()) mailbox_->takeOver(query_.client);
    if (!prologue.empty()) push(std::move(prologue));
    if (!open_) return;
    mailbox_->listen(*this);
    nextPage();
    pump();
    if (!open_ || mailbox_->live() == nullptr) return;
    for (const LiveSignalRef& signal : mailbox_->live()->current(unixMs())) onLive(signal);
}

void EventFeed::closeFeed(bool peerLeft) {
    if (!std::exchange(open_, false)) return;
    services_.stats.parkedBy(transport_).add(-1);
    stopWaiting();
    stopListening();
    queue_.clear();
    mailbox_.release(peerLeft);
}

void EventFeed::nextPage() {
    if (PageRef page = mailbox_->take(*this)) {
        services_.stats.deliveredBy(transport_).add();
        queue_.push_back({.text = {}, .page = std::move(page), .live = nullptr});
        return;
    }
    waitingSinceMs_ = unixMs();
    mailbox_->wait(*this);
}

void EventFeed::onPage(const PageRef& page) {
    noteDelivery(services_.stats, transport_, *page, waitingSinceMs_);
    gapTold_ = false;
    enqueue({.text = {}, .page = page, .live = nullptr});
}

void EventFeed::onGap() {
    if (!std::exchange(gapTold_, true)) push(formatGap());
    if (open_) mailbox_->wait(*this);
}

void EventFeed::onLive(const LiveSignalRef& signal) {
    if (!open_) return;
    const auto known = std::find_if(queue_.begin(), queue_.end(), [&](const Item& item) {
        return item.live && sameKind(*item.live, *signal);
    });
    if (known != queue_.end()) {
        if (isOutdated(*signal, *known->live)) return;
        queue_.erase(known);
    } else {
        makeRoomForLive();
    }
    enqueue({.text = {}, .page = nullptr, .live = signal});
}

void EventFeed::makeRoomForLive() {
    const auto isLive = [](const Item& item) { return item.live != nullptr; };
    const auto queued = std::count_if(queue_.begin(), queue_.end(), isLive);
    if (static_cast<std::size_t>(queued) < limits::kLiveQueued) return;
    queue_.erase(std::find_if(queue_.begin(), queue_.end(), isLive));
    services_.stats.dropped(Drop::liveOverflow).add();
}

void EventFeed::push(std::string text) {
    enqueue({.text = std::move(text), .page = nullptr, .live = nullptr});
}

void EventFeed::enqueue(Item item) {
    if (!open_) return;
    if (!writing_ && queue_.empty()) {
        begin(std::move(item));
        return pump();
    }
    queuedBytes_ += item.text.size();  // pages and signals are shared, and few
    queue_.push_back(std::move(item));
    if (queuedBytes_ > limits::kQueueBytes) return onOverflow();
    pump();
}

void EventFeed::pump() {
    while (!writing_ && open_ && !queue_.empty()) {
        Item item = std::move(queue_.front());
        queue_.pop_front();
        queuedBytes_ -= item.text.size();
        begin(std::move(item));
    }
}

void EventFeed::begin(Item item) {
    writing_ = true;
    writingPage_ = item.page != nullptr;
    writingSince_ = services_.wheel.now();
    if (write(format(std::move(item)))) finishWriting();
}

void EventFeed::finishWriting() {
    writing_ = false;
    if (open_ && std::exchange(writingPage_, false)) nextPage();
}

std::string EventFeed::format(Item item) const {
    if (item.page) return formatPage(*item.page);
    if (item.live) return formatLive(*item.live);
    return std::move(item.text);
}

Duration EventFeed::writeTimeLeft() const {
    if (!writing_) return Duration::max();
    return limits::kWriteDeadline - (services_.wheel.now() - writingSince_);
}

void EventFeed::written() {
    finishWriting();
    pump();
}

}  // namespace parlor::gateway
