#pragma once

#include <QObject>
#include <QTimer>

#include "agent-desktop/core/actions/typing.h"
#include "agent-desktop/core/outbox.h"
#include "agent-desktop/core/stream_reader.h"
#include "agent-desktop/core/timeline_model.h"

namespace parlor::agent {

// What a conversation is made of; all of it outlives the conversation.
struct Workshop {
    BusLink& link;
    RpcClient& rpc;
    Outbox& outbox;
    const Identity& identity;
    const Timing& timing;
};

// One conversation that this agent has open: its lines, who the visitor is, and what is going on.
class Conversation : public QObject {
    Q_OBJECT

 public:
    enum class Phase {
        held,      // ours
        joined,    // a colleague's, and we take part
        released,  // somebody else's, or nobody's
        closed,
    };
    enum class Presence { unknown, here, away };

    Conversation(const Workshop& workshop, ConversationId id, QObject* parent = nullptr);
    // Gives the subscription back.
    ~Conversation() override;

    // Subscribes and loads both streams; call once, with the receivers connected.
    void open();

    const ConversationId& id() const { return id_; }
    TimelineModel& timeline() { return timeline_; }
    TypingSignal& typing() { return typing_; }
    Phase phase() const;
    bool isHeld() const { return held_; }  // assigned to us, closed or not
    // Held or joined.
    bool isOurs() const { return held_ || joined_; }
    QString holder() const { return holder_; }  // name of who was assigned last
    bool isComplete() const { return shared_.isComplete() && staff_.isComplete(); }
    // Why something may be missing just now; nullptr while nothing is known to be.
    const Error* problem() const;

    const v1::Visitor& visitor() const { return visitor_; }
    QString visitorName() const;  // may be empty
    QString department() const { return department_; }
    qint64 heldSinceMs() const { return heldSinceMs_; }
    Presence presence() const { return presence_; }
    const v1::Presence& place() const { return place_; }  // page as presence told it last
    bool isVisitorTyping() const { return typingTimer_.isActive(); }
    QString typingPreview() const { return typingPreview_; }

    int unread() const;
    QString lastText() const;  // of the newest message or note; empty before
    qint64 lastAtMs() const;   // of the newest line; 0 before

    // The agent sees the conversation as it is now.
    void markRead();

    // What came in for this conversation.
    void onAssignment(const v1::Assignment& assignment);
    void onReleased();
    void onSharedEvent(const v1::Event& event) { shared_.onEvent(event); }
    void onStaffEvent(const v1::Event& event) { staff_.onEvent(event); }
    void onVisitorLive(const v1::Live& live);
    void onPresence(const v1::Presence& presence, std::chrono::seconds lease);
    // It was cleared: the visitor's data were erased.
    void forgetPresence();
    void onOutboxChanged(const OutboxItem& item);
    void onOutboxRemoved(const OutboxItem& item);

    // See QueueModel: ours, as far as we know, but not yet confirmed after a reconnect.
    bool isStale() const { return stale_; }
    void markStale() { stale_ = isOurs(); }

 Q_SIGNALS:
    // Anything above but the timeline's lines, which the model tells by itself.
    void changed();
    // In order, each once, after it stands in the timeline.
    void eventShown(const parlor::v1::Event& event);
    void presenceChanged();
    void visitorTypingChanged();

 private:
    void onShown(const v1::Event& event);
    void apply(const v1::Event& event);
    void onSharedRestarted();
    void fadePresence();

    const Workshop workshop_;
    const ConversationId id_;
    const std::vector<std::string> filters_;
    TimelineModel timeline_;
    StreamReader shared_;
    StreamReader staff_;
    TypingSignal typing_;
    bool held_ = false;
    bool joined_ = false;
    bool closed_ = false;
    bool stale_ = false;
    qint64 heldSinceMs_ = 0;
    QString holder_;
    QString department_;
    QString assignedVisitorName_;
    v1::Visitor visitor_;
    quint64 readUpTo_ = 0;  // shared seq this agent has seen
    Presence presence_ = Presence::unknown;
    v1::Presence place_;
    QTimer presenceTimer_;
    QTimer typingTimer_;
    QString typingPreview_;
};

}  // namespace parlor::agent
