#include "gateway/mailbox/page.h"

#include "gateway/mailbox/visitor_json.h"

namespace parlor::gateway {

namespace {

void appendObject(std::string& out, std::span<const EventRef> events, const Cursor& cursor,
                  bool reset) {
    std::size_t bytes = 64;
    for (const EventRef& event : events) bytes += event->json.size() + 1;
    out.reserve(bytes);
    out += R"({"events":[)";
    for (const EventRef& event : events) {
        if (out.back() != '[') out += ',';
        out += event->json;
    }
    out += R"(],"cursor":")";
    out += cursor.str();
    out += '"';
    if (reset) out += R"(,"reset":true)";
    out += '}';
}

std::unique_ptr<const v1::EventPage> protoOf(std::span<const EventRef> events, const Cursor& cursor,
                                             bool reset) {
    auto page = std::make_unique<v1::EventPage>();
    for (const EventRef& event : events) *page->add_events() = *event->visible;
    page->set_epoch(cursor.epoch);
    page->set_seq(cursor.seq);
    page->set_reset(reset);
    return page;
}

}  // namespace

v1::Event visibleOf(const v1::Event& event) {
    v1::Event visible = event;
    visible.clear_conversation();
    visible.clear_salt();
    visible.clear_content_hash();
    visible.clear_previous_hash();
    visible.clear_after_seq();
    if (visible.has_opened()) {
        v1::Visitor visitor;
        visitor.set_name(visible.opened().visitor().name());
        *visible.mutable_opened()->mutable_visitor() = std::move(visitor);
    }
    // Never in the shared stream; not for visitors wherever they came from.
    if (visible.has_note() || visible.has_offered() || visible.has_declined()) visible.clear_body();
    return visible;
}

RenderedEvent::RenderedEvent(const v1::Event& event, bool keepProto)
    : seq(event.seq()), recordedAtMs(event.recorded_at_ms()), json(eventJson(event)) {
    if (keepProto) visible = std::make_unique<const v1::Event>(visibleOf(event));
}

Page::Page(std::uint32_t epoch, std::uint64_t after, std::span<const EventRef> events, bool reset,
           Format format)
    : cursor{epoch, events.empty() ? after : events.back()->seq},
      count(events.size()),
      newestAtMs(events.empty() ? 0 : events.back()->recordedAtMs) {
    if (format == Format::proto) {
        proto = protoOf(events, cursor, reset);
    } else {
        appendObject(object, events, cursor, reset);
    }
}

std::string Page::typed() const { return std::string(R"({"type":"events",)").append(object, 1); }

std::string gapMembers(const Cursor& cursor) {
    return R"("events":[],"cursor":")" + cursor.str() + R"(","gap":true)";
}

}  // namespace parlor::gateway
