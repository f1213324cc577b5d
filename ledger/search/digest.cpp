#include "ledger/search/digest.h"

#include "ledger/search/terms.h"

namespace parlor::ledger {
namespace {

void setOnce(std::int64_t& at, std::int64_t ms) {
    if (at == 0) at = ms;
}

void count(Digest& digest, const v1::Event& event) {
    const bool byAgent = event.author().kind() == v1::Party::KIND_AGENT;
    switch (event.body_case()) {
        case v1::Event::kOpened:
            digest.department = event.opened().department();
            digest.openedAtMs = event.recorded_at_ms();
            break;
        case v1::Event::kQueued:
            digest.department = event.queued().department();
            break;
        case v1::Event::kAssigned:
            digest.agent = event.assigned().agent();
            setOnce(digest.assignedAtMs, event.recorded_at_ms());
            break;
        case v1::Event::kMessage:
            ++(byAgent ? digest.agentMessages : digest.visitorMessages);
            if (byAgent) setOnce(digest.respondedAtMs, event.recorded_at_ms());
            break;
        case v1::Event::kRating:
            digest.score = event.rating().score();
            break;
        case v1::Event::kReopened:
            digest.closedAtMs = 0;
            break;
        case v1::Event::kClosed:
            digest.closedAtMs = event.recorded_at_ms();
            break;
        default:
            break;
    }
}

}  // namespace

std::string searchableText(const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kOpened:
            return event.opened().visitor().name() + "\n" + event.opened().visitor().email();
        case v1::Event::kMessage:
            return event.message().text();
        case v1::Event::kNote:
            return event.note().text();
        case v1::Event::kRating:
            return event.rating().comment();
        default:
            return {};
    }
}

Advance follow(const Digest& soFar, std::span<const NextEvent> events) {
    Advance advance{.terms = {}, .digest = soFar};
    for (const auto& next : events) {
        v1::Event event;
        // What does not parse is verify's to find; here it is an event without text.
        if (!event.ParseFromString(next.bytes)) event.Clear();
        if (!next.isCounted) count(advance.digest, event);
        advance.terms.push_back(termsOf(searchableText(event)));
    }
    return advance;
}

}  // namespace parlor::ledger
