#include "gateway/edge/event_feed.h"

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
        return enqueue({.text = {}, .page = std::move(page)});
    }
    waitingSinceMs_ = unixMs();
    mailbox_->wait(*this);
}

void EventFeed::onPage(const PageRef& page) {
    noteDelivery(services_.stats, transport_, *page, waitingSinceMs_);
    gapTold_ = false;
    enqueue({.text = {}, .page = page});
}

void EventFeed::onGap() {
    if (!std::exchange(gapTold_, true)) push(formatGap());
    if (open_) mailbox_->wait(*this);
}

void EventFeed::onLive(const LiveSignalRef& signal) {
    if (!open_) return;
    if (liveQueued_ >= limits::kLiveQueued) {
        return services_.stats.dropped(Drop::liveOverflow).add();
    }
    ++liveQueued_;
    enqueue({.text = formatLive(*signal), .page = nullptr, .live = true});
}

void EventFeed::push(std::string text) { enqueue({.text = std::move(text), .page = nullptr}); }

void EventFeed::enqueue(Item item) {
    if (!open_) return;
    queuedBytes_ += item.text.size();  // pages are shared, and there is one at most
    queue_.push_back(std::move(item));
    if (queuedBytes_ > limits::kQueueBytes) return onOverflow();
    pump();
}

void EventFeed::pump() {
    if (writing_ || !open_ || queue_.empty()) return;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    queuedBytes_ -= item.text.size();
    if (item.live) --liveQueued_;
    writing_ = true;
    writingPage_ = item.page != nullptr;
    writingSince_ = services_.wheel.now();
    write(item.page ? formatPage(*item.page) : std::move(item.text));
}

void EventFeed::written() {
    writing_ = false;
    if (!open_) return;
    if (std::exchange(writingPage_, false)) nextPage();
    pump();
}

}  // namespace parlor::gateway
