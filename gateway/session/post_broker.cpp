#include "gateway/session/post_broker.h"

#include <algorithm>
#include <utility>

#include "gateway/session/trace.h"

namespace parlor::gateway {
namespace {

constexpr std::chrono::seconds kExpiry{30};

// Worth another try with the same draft.
bool passing(Errc code) {
    return code == Errc::unavailable || code == Errc::overloaded || code == Errc::deadline;
}

}  // namespace

struct PostBroker::Lane {
    Lane(SiteId siteOf, ConversationId conversationOf, std::function<void()> onTimer)
        : site(std::move(siteOf)), conversation(conversationOf), timer(std::move(onTimer)) {}

    const SiteId site;
    const ConversationId conversation;
    std::deque<RequestId> waiting;
    std::vector<RequestId> flight;  // without a receipt yet; empty: nothing in flight
    ReplyRouter::Ticket ticket = ReplyRouter::Ticket::none;
    Error lastFailure{Errc::deadline, "no receipt came in time; the outcome is not known"};
    Timer timer;  // repeats what is in flight
};

PostBroker::PostBroker(ShardBus& bus, TimerWheel& wheel, ReplyRouter& replies, Stats& stats)
    : bus_(bus), wheel_(wheel), replies_(replies), stats_(stats) {}

PostBroker::~PostBroker() = default;

PostBroker::Submitted PostBroker::submit(const SiteId& site, const ConversationId& conversation,
                                         v1::Draft draft, OnOutcome onOutcome,
                                         std::string traceparent) {
    const RequestId request = *RequestId::parse(draft.request_id());
    if (auto known = watch(conversation, request, onOutcome)) {
        if (known->watch != Watch::none || known->outcome->has_value() ||
            !passing(known->outcome->error().code)) {
            return *known;
        }
    }
    if (!bus_.connected()) {
        return {Watch::none, Error{Errc::unavailable, "no connection to the broker"}};
    }
    auto& lane = lanes_[conversation];
    if (!lane) {
        lane = std::make_unique<Lane>(site, conversation,
                                      [this, conversation] { onTimer(conversation); });
    }
    if (pending_.size() >= kMaxPending ||
        lane->waiting.size() + lane->flight.size() >= kMaxPerConversation) {
        if (lane->waiting.empty() && lane->flight.empty()) lanes_.erase(conversation);
        return {Watch::none, Error{Errc::overloaded, "too many messages under way"}};
    }
    stats_.posts.add();
    Pending& pending = pending_[Key{conversation, request}];
    pending.draft = std::move(draft);
    pending.traceparent = std::move(traceparent);
    pending.giveUpAt = wheel_.now() + kGiveUp;
    stats_.receiptsPending.set(static_cast<std::int64_t>(pending_.size()));
    const auto id = static_cast<Watch>(++lastWatch_);
    if (onOutcome) pending.watchers.emplace_back(id, std::move(onOutcome));
    lane->waiting.push_back(request);
    if (lane->flight.empty()) sendNext(*lane);
    return {id, {}};
}

std::optional<PostBroker::Submitted> PostBroker::watch(const ConversationId& conversation,
                                                       const RequestId& request,
                                                       OnOutcome onOutcome) {
    const Key key{conversation, request};
    if (const auto found = pending_.find(key); found != pending_.end()) {
        const auto id = static_cast<Watch>(++lastWatch_);
        if (onOutcome) found->second.watchers.emplace_back(id, std::move(onOutcome));
        return Submitted{id, {}};
    }
    if (const auto found = rememberedBy_.find(key); found != rememberedBy_.end()) {
        return Submitted{Watch::none, found->second->second};
    }
    return {};
}

void PostBroker::unwatch(const ConversationId& conversation, const RequestId& request,
                         Watch watch) {
    const auto found = pending_.find(Key{conversation, request});
    if (found == pending_.end()) return;
    std::erase_if(found->second.watchers, [watch](const auto& one) { return one.first == watch; });
}

void PostBroker::sendNext(Lane& lane) {
    while (!lane.waiting.empty() && lane.flight.size() < kMaxDraftsPerPost) {
        lane.flight.push_back(lane.waiting.front());
        lane.waiting.pop_front();
    }
    lane.ticket =
        replies_.expect([this, conversation = lane.conversation](const v1::Response& response) {
            onResponse(conversation, response);
        });
    publish(lane);
}

void PostBroker::publish(Lane& lane) {
    v1::Post post;
    for (const RequestId& request : lane.flight) {
        *post.add_drafts() = pending_.at(Key{lane.conversation, request}).draft;
    }
    const Time now = wheel_.now();
    bus::Message message{.topic = topics::format(topics::VisitorIn{lane.site, lane.conversation}),
                         .payload = encode(post),
                         // Repeated until its receipt comes: nobody needs the broker's as well.
                         .qos = bus::Qos::atMostOnce,
                         .expiry = kExpiry};
    const auto& traceparent = pending_.at(Key{lane.conversation, lane.flight.front()}).traceparent;
    if (!traceparent.empty()) message.userProperties.emplace_back(kTraceparent, traceparent);
    replies_.address(message, lane.site, lane.ticket);
    bus_.publish(std::move(message), nullptr, now + kRepeatAfter);
    wheel_.arm(lane.timer, now + kRepeatAfter);
}

void PostBroker::onTimer(ConversationId conversation) {
    Lane& lane = *lanes_.at(conversation);
    const Time now = wheel_.now();
    Told told;
    const auto giveUp = [&](const RequestId& request) {
        const Key key{conversation, request};
        if (pending_.at(key).giveUpAt > now) return false;
        settle(key, lane.lastFailure, told);
        return true;
    };
    std::erase_if(lane.flight, giveUp);
    std::erase_if(lane.waiting, giveUp);
    if (lane.flight.empty()) {
        advance(lane);
    } else if (bus_.connected()) {
        stats_.postRetries.add();
        publish(lane);
    } else {
        wheel_.arm(lane.timer, now + kRepeatAfter);
    }
    for (auto& [onOutcome, outcome] : told) onOutcome(outcome);
}

void PostBroker::onReconnected() {
    for (auto& [conversation, lane] : lanes_) {
        if (!lane->flight.empty()) publish(*lane);
    }
}

void PostBroker::onResponse(ConversationId conversation, const v1::Response& response) {
    Lane& lane = *lanes_.at(conversation);
    Told told;
    if (response.has_post()) {
        takeReceipts(lane, response.post(), told);
    } else if (response.has_failure()) {
        const Error error = toError(response.failure());
        if (passing(error.code)) {
            lane.lastFailure = error;
            return;
        }
        for (const RequestId& request : std::exchange(lane.flight, {})) {
            settle(Key{conversation, request}, error, told);
        }
    } else {
        return stats_.dropped(Drop::malformed).add();
    }
    if (lane.flight.empty()) advance(lane);
    for (auto& [onOutcome, outcome] : told) onOutcome(outcome);
}

void PostBroker::takeReceipts(Lane& lane, const v1::PostResponse& response, Told& told) {
    for (const v1::Receipt& receipt : response.receipts()) {
        const auto request = RequestId::parse(receipt.request_id());
        if (!request) continue;
        const auto at = std::find(lane.flight.begin(), lane.flight.end(), *request);
        if (at == lane.flight.end()) continue;
        const Key key{lane.conversation, *request};
        if (receipt.has_recorded()) {
            lane.flight.erase(at);
            settle(key, receipt.recorded(), told);
        } else if (receipt.has_failure()) {
            const Error error = toError(receipt.failure());
            if (passing(error.code)) {
                lane.lastFailure = error;
                continue;
            }
            lane.flight.erase(at);
            settle(key, error, told);
        }
    }
}

// Nothing is in flight: on to what waits, or the lane is done and goes.
void PostBroker::advance(Lane& lane) {
    replies_.forget(std::exchange(lane.ticket, ReplyRouter::Ticket::none));
    lane.timer.cancel();
    if (!lane.waiting.empty()) return sendNext(lane);
    const ConversationId conversation = lane.conversation;
    lanes_.erase(conversation);
}

void PostBroker::settle(const Key& key, const Outcome& outcome, Told& told) {
    auto node = pending_.extract(key);
    stats_.receiptsPending.set(static_cast<std::int64_t>(pending_.size()));
    remember(key, outcome);
    for (auto& [id, onOutcome] : node.mapped().watchers) {
        told.emplace_back(std::move(onOutcome), outcome);
    }
}

void PostBroker::remember(const Key& key, const Outcome& outcome) {
    if (const auto found = rememberedBy_.find(key); found != rememberedBy_.end()) {
        remembered_.erase(found->second);
        rememberedBy_.erase(found);
    }
    remembered_.emplace_back(key, outcome);
    rememberedBy_[key] = std::prev(remembered_.end());
    if (remembered_.size() > kMaxRemembered) {
        rememberedBy_.erase(remembered_.front().first);
        remembered_.pop_front();
    }
}

}  // namespace parlor::gateway
