#include "agent-desktop/core/post_lane.h"

#include <algorithm>
#include <utility>

namespace parlor::agent {
namespace {

// Whether every draft got a receipt that settles it.
bool settlesAll(const v1::PostResponse& response, const std::vector<v1::Draft>& drafts) {
    return std::all_of(drafts.begin(), drafts.end(), [&](const v1::Draft& draft) {
        return std::any_of(
            response.receipts().begin(), response.receipts().end(), [&](const auto& receipt) {
                return receipt.request_id() == draft.request_id() &&
                       (receipt.has_recorded() ||
                        (receipt.has_failure() && !isPassing(toError(receipt.failure()).code)));
            });
    });
}

}  // namespace

bool isPassing(Errc code) {
    return code == Errc::unavailable || code == Errc::overloaded || code == Errc::deadline ||
           code == Errc::internal;
}

PostLane::PostLane(BusLink& link, RpcClient& rpc, const Identity& identity,
                   const ConversationId& conversation, const Timing& timing, Source source,
                   QObject* parent)
    : QObject(parent),
      link_(link),
      rpc_(rpc),
      topic_(topics::AgentIn{identity.site, conversation, identity.agent}),
      timing_(timing),
      source_(std::move(source)) {
    backoffTimer_.setSingleShot(true);
    connect(&backoffTimer_, &QTimer::timeout, this, &PostLane::kick);
    connect(&link_, &BusLink::connectedChanged, this, [this](bool connected) {
        if (!connected) return;
        failures_ = 0;
        backoffTimer_.stop();
        kick();
    });
}

void PostLane::kick() {
    if (underWay_ || backoffTimer_.isActive() || !link_.isConnected()) return;
    std::vector<v1::Draft> drafts = source_();
    if (drafts.empty()) return;
    if (drafts.size() > kMaxDraftsPerPost) drafts.resize(kMaxDraftsPerPost);

    v1::Post post;
    for (const auto& draft : drafts) *post.add_drafts() = draft;
    underWay_ = true;
    Q_EMIT posted(drafts);
    rpc_.call(
        topic_, encode(post), timing_.receipt, this,
        [this, drafts](const Expected<v1::Response>& response) { onResponse(drafts, response); });
}

void PostLane::onResponse(const std::vector<v1::Draft>& drafts,
                          const Expected<v1::Response>& response) {
    underWay_ = false;
    if (response && response->has_post()) {
        const bool settled = settlesAll(response->post(), drafts);
        Q_EMIT answered(response->post());
        if (settled) {
            failures_ = 0;
            kick();
        } else {
            Q_EMIT unanswered(drafts, {Errc::unavailable, "the server could not record it"}, true);
            waitAndKick();
        }
        return;
    }
    const Error why =
        response ? Error{Errc::internal, "the answer holds no receipts"} : response.error();
    if (isPassing(why.code)) {
        Q_EMIT unanswered(drafts, why, link_.isConnected());
        waitAndKick();
    } else {
        Q_EMIT refused(drafts, why);
        kick();
    }
}

void PostLane::waitAndKick() {
    // Without a connection the reconnect is what we wait for.
    if (link_.isConnected()) backoffTimer_.start(backoff(timing_, ++failures_));
}

}  // namespace parlor::agent
