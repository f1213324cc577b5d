#include "agent-desktop/core/outbox.h"

#include <QDateTime>
#include <algorithm>
#include <set>
#include <utility>

namespace parlor::agent {

using State = OutboxItem::State;

Outbox::Outbox(BusLink& link, RpcClient& rpc, Identity identity, const QString& directory,
               const Timing& timing, QObject* parent)
    : QObject(parent),
      link_(link),
      rpc_(rpc),
      identity_(std::move(identity)),
      timing_(timing),
      store_(directory, identity_.site, identity_.agent) {}

Expected<void> Outbox::open() {
    if (auto opened = store_.open(); !opened) return opened;
    auto loaded = store_.load();
    if (loaded) {
        items_ = std::move(*loaded);
    } else {
        Q_EMIT storeFailed(loaded.error());
    }
    for (const auto& conversation : conversations()) lane(conversation).kick();
    return {};
}

RequestId Outbox::add(const ConversationId& conversation, v1::Draft draft) {
    if (draft.has_read()) {
        // Only the newest reading position matters.
        std::erase_if(items_, [&](const OutboxItem& each) {
            return each.draft.has_read() && each.state == State::waiting &&
                   each.conversation == conversation;
        });
    }
    OutboxItem item{conversation, RequestId::generate(), std::move(draft),
                    QDateTime::currentMSecsSinceEpoch()};
    item.draft.set_request_id(item.request.str());
    const OutboxItem copy = items_.emplace_back(std::move(item));
    if (copy.isLasting()) store();
    Q_EMIT added(copy);
    lane(conversation).kick();
    return copy.request;
}

void Outbox::retry(const RequestId& request) {
    OutboxItem* found = item(request);
    if (!found || found->state != State::failed) return;
    const OutboxItem old = *found;
    if (old.failure && !isPassing(old.failure->code)) {
        // The ledger gives a known id its first receipt again, so it needs a new one.
        take(request);
        add(old.conversation, old.draft);
        return;
    }
    found->state = State::waiting;
    found->attempts = 0;
    found->failure.reset();
    const OutboxItem copy = *found;
    store();
    Q_EMIT changed(copy);
    lane(copy.conversation).kick();
}

void Outbox::discard(const RequestId& request) {
    const OutboxItem* found = item(request);
    if (found && found->state == State::failed) take(request);
}

void Outbox::confirm(const v1::Event& event) {
    const OutboxItem* found = item(event.request_id());
    if (!found) return;
    const OutboxItem confirmed = *found;
    take(confirmed.request);
    if (confirmed.state == State::recorded) return;
    v1::Recorded place;
    place.set_epoch(event.epoch());
    place.set_stream(event.stream());
    place.set_seq(event.seq());
    Q_EMIT recorded(confirmed, place);
}

void Outbox::dropRecorded(const ConversationId& conversation) {
    for (const auto& each : items(conversation)) {
        if (each.state == State::recorded) take(each.request);
    }
}

std::vector<OutboxItem> Outbox::items(const ConversationId& conversation) const {
    std::vector<OutboxItem> found;
    std::copy_if(items_.begin(), items_.end(), std::back_inserter(found),
                 [&](const OutboxItem& each) { return each.conversation == conversation; });
    return found;
}

std::vector<ConversationId> Outbox::conversations() const {
    std::set<ConversationId> found;
    for (const auto& each : items_) found.insert(each.conversation);
    return {found.begin(), found.end()};
}

OutboxItem* Outbox::item(const RequestId& request) {
    const auto found = std::find_if(items_.begin(), items_.end(), [&](const OutboxItem& each) {
        return each.request == request;
    });
    return found == items_.end() ? nullptr : &*found;
}

OutboxItem* Outbox::item(const std::string& request) {
    const auto id = RequestId::parse(request);
    return id ? item(*id) : nullptr;
}

PostLane& Outbox::lane(const ConversationId& conversation) {
    auto& lane = lanes_[conversation];
    if (lane) return *lane;
    lane = std::make_unique<PostLane>(link_, rpc_, identity_, conversation, timing_,
                                      [this, conversation] { return waiting(conversation); });
    connect(lane.get(), &PostLane::posted, this, &Outbox::onPosted);
    connect(lane.get(), &PostLane::unanswered, this, &Outbox::onUnanswered);
    connect(lane.get(), &PostLane::answered, this, [this](const v1::PostResponse& response) {
        for (const auto& receipt : response.receipts()) onReceipt(receipt);
    });
    connect(lane.get(), &PostLane::refused, this,
            [this](const std::vector<v1::Draft>& drafts, const Error& why) {
                for (const auto& draft : drafts) {
                    if (const OutboxItem* found = item(draft.request_id())) {
                        fail(found->request, why);
                    }
                }
            });
    return *lane;
}

std::vector<v1::Draft> Outbox::waiting(const ConversationId& conversation) const {
    std::vector<v1::Draft> drafts;
    for (const auto& each : items_) {
        const bool open = each.state == State::waiting || each.state == State::sending;
        if (open && each.conversation == conversation) drafts.push_back(each.draft);
    }
    return drafts;
}

void Outbox::onReceipt(const v1::Receipt& receipt) {
    OutboxItem* found = item(receipt.request_id());
    if (!found || found->state == State::recorded) return;
    if (receipt.has_failure()) {
        const Error why = toError(receipt.failure());
        if (!isPassing(why.code)) fail(found->request, why);
        return;
    }
    if (!receipt.has_recorded()) return;
    found->state = State::recorded;
    const OutboxItem copy = *found;
    if (copy.isLasting()) {
        store();
        Q_EMIT changed(copy);
    } else {
        take(copy.request);
    }
    Q_EMIT recorded(copy, receipt.recorded());
}

void Outbox::onPosted(const std::vector<v1::Draft>& drafts) {
    for (const auto& draft : drafts) {
        OutboxItem* found = item(draft.request_id());
        if (!found || found->state == State::sending) continue;
        found->state = State::sending;
        const OutboxItem copy = *found;
        Q_EMIT changed(copy);
    }
}

void Outbox::onUnanswered(const std::vector<v1::Draft>& drafts, const Error& why, bool counts) {
    for (const auto& draft : drafts) {
        OutboxItem* found = item(draft.request_id());
        if (!found || found->state != State::sending) continue;
        if (!counts && found->isCommand()) {
            // If the ledger did get it, the assignment and the events say so.
            fail(found->request, why);
            continue;
        }
        if (!counts) {
            found->state = State::waiting;
            const OutboxItem copy = *found;
            Q_EMIT changed(copy);
            continue;
        }
        const int limit = found->isCommand() ? timing_.commandAttempts : timing_.messageAttempts;
        if (++found->attempts >= limit) fail(found->request, why);
    }
}

void Outbox::fail(const RequestId& request, const Error& why) {
    OutboxItem* found = item(request);
    found->state = State::failed;
    found->failure = why;
    const OutboxItem copy = *found;
    if (copy.isLasting()) {
        store();
        Q_EMIT changed(copy);
    } else {
        take(request);
    }
    Q_EMIT failed(copy);
}

void Outbox::take(const RequestId& request) {
    OutboxItem* found = item(request);
    const OutboxItem gone = std::move(*found);
    items_.erase(items_.begin() + (found - items_.data()));
    // A recorded one left the disk with its receipt.
    if (gone.isLasting() && gone.state != State::recorded) store();
    Q_EMIT removed(gone);
}

void Outbox::store() {
    std::vector<OutboxItem> lasting;
    std::copy_if(
        items_.begin(), items_.end(), std::back_inserter(lasting),
        [](const OutboxItem& each) { return each.isLasting() && each.state != State::recorded; });
    if (auto saved = store_.save(lasting); !saved) Q_EMIT storeFailed(saved.error());
}

}  // namespace parlor::agent
