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
    members.reserve(bytes);
    members += R"("events":[)";
    for (const EventRef& event : events) {
        if (members.back() != '[') members += ',';
        members += event->json;
    }
    members += R"(],"cursor":")";
    members += cursor.str();
    members += '"';
    if (reset) members += R"(,"reset":true)";
}

std::string gapMembers(const Cursor& cursor) {
    return R"("events":[],"cursor":")" + cursor.str() + R"(","gap":true)";
}

}  // namespace parlor::gateway
