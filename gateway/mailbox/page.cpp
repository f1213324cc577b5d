#include "gateway/mailbox/page.h"

#include "gateway/mailbox/visitor_json.h"

namespace parlor::gateway {

RenderedEvent::RenderedEvent(const v1::Event& event)
    : seq(event.seq()), recordedAtMs(event.recorded_at_ms()), json(eventJson(event)) {}

Page::Page(std::uint32_t epoch, std::uint64_t after, std::span<const EventRef> events, bool reset)
    : cursor{epoch, events.empty() ? after : events.back()->seq},
      count(events.size()),
      newestAtMs(events.empty() ? 0 : events.back()->recordedAtMs) {
    std::size_t bytes = 64;
    for (const EventRef& event : events) bytes += event->json.size() + 1;
    object.reserve(bytes);
    object += R"({"events":[)";
    for (const EventRef& event : events) {
        if (object.back() != '[') object += ',';
        object += event->json;
    }
    object += R"(],"cursor":")";
    object += cursor.str();
    object += '"';
    if (reset) object += R"(,"reset":true)";
    object += '}';
}

std::string Page::typed() const { return std::string(R"({"type":"events",)").append(object, 1); }

std::string gapMembers(const Cursor& cursor) {
    return R"("events":[],"cursor":")" + cursor.str() + R"(","gap":true)";
}

}  // namespace parlor::gateway
