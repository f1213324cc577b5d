#include "agent-desktop/core/timeline_entry.h"

namespace parlor::agent {
namespace {

using Kind = TimelineEntry::Kind;
using From = TimelineEntry::From;
using Delivery = TimelineEntry::Delivery;

From fromOf(const v1::Party& author, const Identity& me) {
    switch (author.kind()) {
        case v1::Party::KIND_VISITOR:
            return From::visitor;
        case v1::Party::KIND_AGENT:
            return author.id() == me.agent.str() ? From::me : From::colleague;
        default:
            return From::system;
    }
}

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

// An agent by the best name at hand.
QString agent(const std::string& id, const Identity& me, const std::string& name = {}) {
    if (!name.empty()) return text(name);
    return text(id == me.agent.str() ? me.name : id);
}

// Who has it, and how that came: false for everything else.
bool setDispatch(TimelineEntry& entry, const v1::Event& event, const Identity& me) {
    switch (event.body_case()) {
        case v1::Event::kAssigned:
            entry.kind = Kind::assigned;
            entry.text = agent(event.assigned().agent(), me, event.assigned().agent_name());
            return true;
        case v1::Event::kOffered:
            entry.kind = Kind::offered;
            entry.text = agent(event.offered().agent(), me);
            return true;
        case v1::Event::kDeclined:
            entry.kind = event.declined().timed_out() ? Kind::timedOut : Kind::declined;
            entry.text = agent(event.declined().agent(), me);
            return true;
        case v1::Event::kTransferred: {
            const auto& to = event.transferred();
            const bool taken = to.to_agent() == event.author().id() && !to.to_agent().empty();
            entry.kind = taken ? Kind::takenOver : Kind::transferred;
            entry.text =
                to.to_agent().empty() ? text(to.to_department()) : agent(to.to_agent(), me);
            return true;
        }
        case v1::Event::kJoined:
            entry.kind = Kind::joined;
            entry.text = agent(event.joined().agent(), me, event.joined().agent_name());
            return true;
        case v1::Event::kLeft:
            entry.kind = Kind::left;
            entry.text = agent(event.left().agent(), me);
            return true;
        case v1::Event::kReleased:
            entry.kind = event.released().reason() == "offline" ? Kind::lost : Kind::released;
            entry.text = agent(event.released().agent(), me);
            return true;
        case v1::Event::kReopened:
            entry.kind = Kind::reopened;
            return true;
        case v1::Event::kQueued:
            entry.kind = Kind::prioritized;
            entry.text = QString::number(event.queued().priority());
            return true;
        default:
            return false;
    }
}

void setBody(TimelineEntry& entry, const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kOpened:
            entry.kind = Kind::opened;
            entry.text = text(event.opened().department());
            break;
        case v1::Event::kClosed:
            entry.kind = Kind::closed;
            entry.text = text(event.closed().reason());
            break;
        case v1::Event::kRating:
            entry.kind = Kind::rating;
            entry.score = static_cast<int>(event.rating().score());
            entry.text = text(event.rating().comment());
            break;
        case v1::Event::kNote:
            entry.kind = Kind::note;
            entry.text = text(event.note().text());
            break;
        default:
            entry.text = text(event.message().text());
    }
}

Delivery deliveryOf(OutboxItem::State state) {
    switch (state) {
        case OutboxItem::State::waiting:
            return Delivery::waiting;
        case OutboxItem::State::sending:
            return Delivery::sending;
        case OutboxItem::State::recorded:
            return Delivery::recorded;
        case OutboxItem::State::failed:
            return Delivery::failed;
    }
    return Delivery::none;
}

}  // namespace

bool isShown(const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kOpened:
        case v1::Event::kMessage:
        case v1::Event::kRating:
        case v1::Event::kClosed:
        case v1::Event::kAssigned:
        case v1::Event::kNote:
        case v1::Event::kOffered:
        case v1::Event::kDeclined:
        case v1::Event::kTransferred:
        case v1::Event::kJoined:
        case v1::Event::kLeft:
        case v1::Event::kReleased:
        case v1::Event::kReopened:
            return true;
        case v1::Event::kQueued:
            return event.stream() == v1::STREAM_STAFF;  // its priority is another
        default:
            return false;
    }
}

TimelineEntry entryOf(const v1::Event& event, const Identity& me) {
    TimelineEntry entry;
    entry.from = fromOf(event.author(), me);
    entry.author =
        text(event.author().name().empty() ? event.author().id() : event.author().name());
    entry.atMs = event.recorded_at_ms();
    entry.requestId = text(event.request_id());
    entry.staff = event.stream() == v1::STREAM_STAFF;
    entry.seq = event.seq();
    entry.shared = entry.staff ? event.after_seq() : event.seq();
    if (!setDispatch(entry, event, me)) setBody(entry, event);
    if (entry.from == From::me && entry.isBubble()) entry.delivery = Delivery::recorded;
    return entry;
}

TimelineEntry entryOf(const OutboxItem& item, const Identity& me) {
    TimelineEntry entry;
    entry.from = From::me;
    entry.author = text(me.name);
    entry.atMs = item.createdAtMs;
    entry.requestId = text(item.request.str());
    entry.delivery = deliveryOf(item.state);
    if (item.failure) {
        entry.failureCode = item.failure->code;
        entry.failure = text(item.failure->text);
    }
    if (item.draft.has_close()) {
        entry.kind = Kind::closed;
        entry.text = text(item.draft.close().reason());
    } else if (item.draft.has_note()) {
        entry.kind = Kind::note;
        entry.text = text(item.draft.note().text());
    } else {
        entry.text = text(item.draft.message().text());
    }
    return entry;
}

}  // namespace parlor::agent
