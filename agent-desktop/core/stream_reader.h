#pragma once

#include <QObject>
#include <QTimer>
#include <optional>

#include "agent-desktop/core/identity.h"
#include "agent-desktop/core/rpc_client.h"
#include "agent-desktop/core/stream_follower.h"
#include "agent-desktop/core/timing.h"

namespace parlor::agent {

// Keeps one stream of one conversation complete: a StreamFollower with the clock and the history
// calls it needs. At most one history call is under way.
class StreamReader : public QObject {
    Q_OBJECT

 public:
    StreamReader(RpcClient& rpc, Identity identity, ConversationId conversation, v1::Stream stream,
                 const Timing& timing, QObject* parent = nullptr);

    // Asks history from where we stand; after opening and after every reconnect, since events may
    // have passed unseen. Harmless at any time.
    void catchUp();
    void onEvent(const v1::Event& event);

    // True once history has answered and nothing is known to be missing.
    bool isComplete() const { return complete_; }
    // Why history could not be had; it is asked again by itself. Empty while all is well.
    const std::optional<Error>& problem() const { return problem_; }

 Q_SIGNALS:
    void shown(const parlor::v1::Event& event);
    void restarted();        // forget what was shown
    void completeChanged();  // isComplete() or problem() changed

 private:
    void take(StreamFollower::Step step);
    void onHistory(const Expected<v1::HistoryResponse>& history, std::uint64_t after);
    void retryLater(Error why);
    void updateComplete();

    RpcClient& rpc_;
    const Identity identity_;
    const ConversationId conversation_;
    const v1::Stream stream_;
    const Timing timing_;
    StreamFollower follower_;
    QTimer gapTimer_;
    QTimer retryTimer_;
    bool asking_ = false;
    bool askAgain_ = false;  // something came up while asking_
    bool complete_ = false;
    std::optional<Error> problem_;
    int failures_ = 0;
};

}  // namespace parlor::agent
