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

void setBody(TimelineEntry& entry, const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kOpened:
            entry.kind = Kind::opened;
            entry.text = text(event.opened().department());
            break;
        case v1::Event::kAssigned:
            entry.kind = Kind::assigned;
            entry.text =
                text(event.assigned().agent_name().empty() ? event.assigned().agent()
                                                           : event.assigned().agent_name());
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
            return true;
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
    setBody(entry, event);
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
