#include "agent-desktop/core/conversation.h"

#include <algorithm>

#include "agent-desktop/core/actions/mark_read.h"
#include "proto/topics.h"

namespace parlor::agent {

using From = TimelineEntry::From;
using Kind = TimelineEntry::Kind;

Conversation::Conversation(const Workshop& workshop, ConversationId id, QObject* parent)
    : QObject(parent),
      workshop_(workshop),
      id_(id),
      filters_{topics::filters::agentConversation(workshop.identity.site, id)},
      timeline_(workshop.identity),
      shared_(workshop.rpc, workshop.identity, id, v1::STREAM_SHARED, workshop.timing),
      staff_(workshop.rpc, workshop.identity, id, v1::STREAM_STAFF, workshop.timing),
      typing_(workshop.link, workshop.identity, id, workshop.timing) {
    presenceTimer_.setSingleShot(true);
    typingTimer_.setSingleShot(true);
    connect(&presenceTimer_, &QTimer::timeout, this, &Conversation::fadePresence);
    connect(&typingTimer_, &QTimer::timeout, this, [this] {
        typingPreview_.clear();
        Q_EMIT visitorTypingChanged();
    });
    connect(&shared_, &StreamReader::shown, this, &Conversation::onShown);
    connect(&staff_, &StreamReader::shown, this, &Conversation::onShown);
    connect(&shared_, &StreamReader::restarted, this, &Conversation::onSharedRestarted);
    connect(&staff_, &StreamReader::restarted, this, [this] { timeline_.clearEvents(true); });
    connect(&shared_, &StreamReader::completeChanged, this, &Conversation::changed);
    connect(&staff_, &StreamReader::completeChanged, this, &Conversation::changed);
    connect(&workshop_.link, &BusLink::connectedChanged, this, [this](bool connected) {
        if (!connected) return;
        shared_.catchUp();
        staff_.catchUp();
    });
    for (const auto& item : workshop_.outbox.items(id_)) timeline_.setPending(item);
}

Conversation::~Conversation() { workshop_.link.drop(filters_); }

void Conversation::open() {
    // History is asked once the subscription stands, so that nothing falls between the two.
    workshop_.link.keep(filters_, this, [this] {
        shared_.catchUp();
        staff_.catchUp();
    });
}

Conversation::Phase Conversation::phase() const {
    if (closed_) return Phase::closed;
    if (held_) return Phase::held;
    return joined_ ? Phase::joined : Phase::released;
}

const Error* Conversation::problem() const {
    if (shared_.problem()) return &*shared_.problem();
    return staff_.problem() ? &*staff_.problem() : nullptr;
}

QString Conversation::visitorName() const {
    const QString name = QString::fromStdString(visitor_.name());
    return name.isEmpty() ? assignedVisitorName_ : name;
}

int Conversation::unread() const {
    const auto& lines = timeline_.entries();
    return static_cast<int>(std::count_if(lines.begin(), lines.end(), [&](const auto& line) {
        return line.from == From::visitor && line.kind == Kind::message && line.seq > readUpTo_;
    }));
}

QString Conversation::lastText() const {
    const auto& lines = timeline_.entries();
    const auto last = std::find_if(lines.rbegin(), lines.rend(),
                                   [](const auto& line) { return line.isBubble(); });
    return last == lines.rend() ? QString() : last->text;
}

qint64 Conversation::lastAtMs() const {
    const auto& lines = timeline_.entries();
    return lines.empty() ? 0 : lines.back().atMs;
}

void Conversation::markRead() {
    if (unread() == 0) return;
    for (const auto& line : timeline_.entries()) {
        if (line.from == From::visitor && !line.staff) readUpTo_ = std::max(readUpTo_, line.seq);
    }
    if (isOurs()) agent::markRead(workshop_.outbox, id_, readUpTo_);
    Q_EMIT changed();
}

void Conversation::onAssignment(const v1::Assignment& assignment) {
    held_ = !assignment.joined();
    joined_ = assignment.joined();
    stale_ = false;
    heldSinceMs_ = assignment.since_ms();
    assignedVisitorName_ = QString::fromStdString(assignment.visitor_name());
    if (!assignment.department().empty()) {
        department_ = QString::fromStdString(assignment.department());
    }
    Q_EMIT changed();
}

void Conversation::onReleased() {
    if (!isOurs()) return;
    held_ = false;
    joined_ = false;
    stale_ = false;
    typing_.stop();
    Q_EMIT changed();
}

void Conversation::onVisitorLive(const v1::Live& live) {
    if (!live.has_typing()) return;
    if (live.typing().active()) {
        typingPreview_ = QString::fromStdString(live.typing().preview());
        typingTimer_.start(workshop_.timing.typingTimeout);
    } else if (isVisitorTyping()) {
        typingPreview_.clear();
        typingTimer_.stop();
    } else {
        return;
    }
    Q_EMIT visitorTypingChanged();
}

void Conversation::onPresence(const v1::Presence& presence, std::chrono::seconds lease) {
    place_ = presence;
    presence_ = presence.state() == v1::Presence::STATE_HERE ? Presence::here : Presence::away;
    // The broker forgets the lease in silence, so its end is ours to notice.
    presenceTimer_.start(lease);
    Q_EMIT presenceChanged();
}

void Conversation::forgetPresence() {
    place_.Clear();
    presenceTimer_.stop();
    fadePresence();
}

void Conversation::fadePresence() {
    presence_ = Presence::unknown;
    Q_EMIT presenceChanged();
}

void Conversation::onOutboxChanged(const OutboxItem& item) {
    timeline_.setPending(item);
    if (item.isLasting()) Q_EMIT changed();
}

void Conversation::onOutboxRemoved(const OutboxItem& item) {
    timeline_.removePending(item.request);
    if (item.isLasting()) Q_EMIT changed();
}

void Conversation::onShown(const v1::Event& event) {
    // Its line in the outbox makes room before it stands among the events: never both at once.
    workshop_.outbox.confirm(event);
    apply(event);
    timeline_.addEvent(event);
    Q_EMIT eventShown(event);
    Q_EMIT changed();
}

void Conversation::apply(const v1::Event& event) {
    const bool fromVisitor = event.author().kind() == v1::Party::KIND_VISITOR;
    switch (event.body_case()) {
        case v1::Event::kOpened:
            visitor_ = event.opened().visitor();
            department_ = QString::fromStdString(event.opened().department());
            break;
        case v1::Event::kAssigned:
            holder_ = entryOf(event, workshop_.identity).text;
            break;
        case v1::Event::kQueued:
            if (event.stream() == v1::STREAM_STAFF) break;  // its priority is another
            holder_.clear();
            department_ = QString::fromStdString(event.queued().department());
            break;
        case v1::Event::kClosed:
            closed_ = true;
            break;
        case v1::Event::kReopened:
            closed_ = false;
            break;
        case v1::Event::kRead:
            if (fromVisitor) {
                timeline_.setSeenUpTo(event.read().seq());
            } else if (event.author().id() == workshop_.identity.agent.str()) {
                readUpTo_ = std::max<quint64>(readUpTo_, event.read().seq());
            }
            break;
        case v1::Event::kMessage:
            if (fromVisitor && isVisitorTyping()) {
                typingTimer_.stop();
                typingPreview_.clear();
                Q_EMIT visitorTypingChanged();
            }
            break;
        default:
            break;
    }
}

void Conversation::onSharedRestarted() {
    timeline_.clearEvents(false);
    closed_ = false;
    readUpTo_ = 0;
    holder_.clear();
    visitor_.Clear();
    Q_EMIT changed();
}

}  // namespace parlor::agent
