#pragma once

#include <QObject>
#include <map>
#include <memory>
#include <vector>

#include "agent-desktop/core/outbox_store.h"
#include "agent-desktop/core/post_lane.h"

namespace parlor::agent {

// Everything this agent asked to be recorded and that is not confirmed yet. A draft leaves it by
// its receipt or its event, or visibly failed by a person's decision: nothing disappears silently.
// What is lasting (see OutboxItem) is on disk before it is first sent.
class Outbox : public QObject {
    Q_OBJECT

 public:
    Outbox(BusLink& link, RpcClient& rpc, Identity identity, const QString& directory,
           const Timing& timing, QObject* parent = nullptr);

    // Takes the agent's file and reads what an earlier run left. `conflict` when another program
    // holds it, `unavailable` when it cannot be written: then nothing may be added. A file that
    // cannot be read is set aside and reported by storeFailed().
    Expected<void> open();

    // Puts a draft behind the others of its conversation; gives it its id.
    RequestId add(const ConversationId& conversation, v1::Draft draft);
    // A failed one again; under a new id where the ledger had settled the old one.
    void retry(const RequestId& request);
    // Forgets a failed one.
    void discard(const RequestId& request);
    // An event was shown. Where it came from a draft of ours, that is recorded, whatever became of
    // the receipt.
    void confirm(const v1::Event& event);
    // Forgets what is confirmed already, of a conversation that nobody looks at any more.
    void dropRecorded(const ConversationId& conversation);

    std::vector<OutboxItem> items(const ConversationId& conversation) const;  // oldest first
    std::vector<ConversationId> conversations() const;                        // those with items

 Q_SIGNALS:
    void added(const parlor::agent::OutboxItem& item);
    void changed(const parlor::agent::OutboxItem& item);
    // Settled or discarded; the item as it was at the end.
    void removed(const parlor::agent::OutboxItem& item);
    // Once each, by receipt or event, whichever comes first.
    void recorded(const parlor::agent::OutboxItem& item, const parlor::v1::Recorded& place);
    void failed(const parlor::agent::OutboxItem& item);  // item.failure says why
    void storeFailed(const parlor::Error& error);

 private:
    PostLane& lane(const ConversationId& conversation);
    std::vector<v1::Draft> waiting(const ConversationId& conversation) const;
    void onReceipt(const v1::Receipt& receipt);
    void onPosted(const std::vector<v1::Draft>& drafts);
    void onUnanswered(const std::vector<v1::Draft>& drafts, const Error& why, bool counts);
    void fail(const RequestId& request, const Error& why);
    void take(const RequestId& request);
    OutboxItem* item(const RequestId& request);
    OutboxItem* item(const std::string& request);
    void store();

    BusLink& link_;
    RpcClient& rpc_;
    const Identity identity_;
    const Timing timing_;
    OutboxStore store_;
    std::vector<OutboxItem> items_;  // in the order they are to be sent
    std::map<ConversationId, std::unique_ptr<PostLane>> lanes_;
};

}  // namespace parlor::agent
