#pragma once

#include <QObject>
#include <QTimer>
#include <functional>
#include <vector>

#include "agent-desktop/core/rpc_client.h"
#include "agent-desktop/core/timing.h"

namespace parlor::agent {

// One conversation's way to the ledger: at most one post under way, posted again with backoff while
// no answer comes, and at once after a reconnect.
class PostLane : public QObject {
    Q_OBJECT

 public:
    // Gives the drafts to be posted, in order; asked anew for each post.
    using Source = std::function<std::vector<v1::Draft>()>;

    PostLane(BusLink& link, RpcClient& rpc, const Identity& identity,
             const ConversationId& conversation, const Timing& timing, Source source,
             QObject* parent = nullptr);

    // Posts what the source has, unless a post is under way, a backoff runs or there is no
    // connection: then it comes to pass by itself.
    void kick();

 Q_SIGNALS:
    // What became of a post. `answered` may miss drafts: they are posted again.
    void posted(const std::vector<parlor::v1::Draft>& drafts);
    void answered(const parlor::v1::PostResponse& response);
    // No answer, or one that says to come again; `counts` is false when only our connection was
    // lost, which says nothing about the ledger.
    void unanswered(const std::vector<parlor::v1::Draft>& drafts, const parlor::Error& why,
                    bool counts);
    void refused(const std::vector<parlor::v1::Draft>& drafts, const parlor::Error& why);

 private:
    void onResponse(const std::vector<v1::Draft>& drafts, const Expected<v1::Response>& response);
    void waitAndKick();

    BusLink& link_;
    RpcClient& rpc_;
    const topics::Topic topic_;
    const Timing timing_;
    const Source source_;
    QTimer backoffTimer_;
    bool underWay_ = false;
    int failures_ = 0;
};

// True where the same post may succeed later.
bool isPassing(Errc code);

}  // namespace parlor::agent
