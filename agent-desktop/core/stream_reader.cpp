#include "agent-desktop/core/stream_reader.h"

#include <utility>

#include "agent-desktop/core/actions/load_history.h"

namespace parlor::agent {

using Next = StreamFollower::Next;

StreamReader::StreamReader(RpcClient& rpc, Identity identity, ConversationId conversation,
                           v1::Stream stream, const Timing& timing, QObject* parent)
    : QObject(parent),
      rpc_(rpc),
      identity_(std::move(identity)),
      conversation_(conversation),
      stream_(stream),
      timing_(timing) {
    gapTimer_.setSingleShot(true);
    retryTimer_.setSingleShot(true);
    connect(&gapTimer_, &QTimer::timeout, this, [this] {
        if (follower_.hasGap()) catchUp();
    });
    connect(&retryTimer_, &QTimer::timeout, this, &StreamReader::catchUp);
}

void StreamReader::catchUp() {
    gapTimer_.stop();
    retryTimer_.stop();
    if (asking_) {
        askAgain_ = true;
        return;
    }
    asking_ = true;
    updateComplete();
    const std::uint64_t after = follower_.seq();
    loadHistory(
        rpc_, identity_, conversation_, stream_, after, timing_.request, this,
        [this, after](const Expected<v1::HistoryResponse>& history) { onHistory(history, after); });
}

void StreamReader::onEvent(const v1::Event& event) { take(follower_.onEvent(event)); }

void StreamReader::onHistory(const Expected<v1::HistoryResponse>& history, std::uint64_t after) {
    asking_ = false;
    if (!history) {
        retryLater(history.error());
        return;
    }
    problem_.reset();
    StreamFollower::Step step = follower_.onHistory(*history, after);
    if (step.next != Next::retryHistory) failures_ = 0;
    if (std::exchange(askAgain_, false) && step.next == Next::nothing) step.next = Next::askHistory;
    take(std::move(step));
}

void StreamReader::take(StreamFollower::Step step) {
    if (step.restarted) Q_EMIT restarted();
    for (const auto& event : step.show) Q_EMIT shown(event);
    switch (step.next) {
        case Next::nothing:
            gapTimer_.stop();
            break;
        case Next::waitForGap:
            if (!gapTimer_.isActive() && !asking_) gapTimer_.start(timing_.gap);
            break;
        case Next::askHistory:
            catchUp();
            break;
        case Next::retryHistory:
            retryLater({Errc::internal, "the server's history has a hole"});
            break;
    }
    updateComplete();
}

void StreamReader::retryLater(Error why) {
    problem_ = std::move(why);
    retryTimer_.start(backoff(timing_, ++failures_));
    complete_ = false;
    Q_EMIT completeChanged();
}

void StreamReader::updateComplete() {
    const bool complete =
        follower_.epoch() != 0 && !asking_ && !retryTimer_.isActive() && !follower_.hasGap();
    if (complete != std::exchange(complete_, complete)) Q_EMIT completeChanged();
}

}  // namespace parlor::agent
