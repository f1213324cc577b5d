#include "gateway/mailbox/visitor_json.h"

#include <chrono>

#include "gateway/mailbox/json_text.h"

namespace parlor::gateway {
namespace {

void appendParty(std::string& out, const v1::Party& party) {
    switch (party.kind()) {
        case v1::Party::KIND_VISITOR:
            out += R"({"kind":"visitor")";
            break;
        case v1::Party::KIND_AGENT:
            appendMember(out, R"({"kind":"agent","id":)", party.id());
            break;
        default:
            out += R"({"kind":"system")";
            break;
    }
    if (!party.name().empty()) appendMember(out, R"(,"name":)", party.name());
    out += '}';
}

// The name of the member that holds the body.
std::string_view typeOf(const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kOpened:
            return "opened";
        case v1::Event::kMessage:
            return "message";
        case v1::Event::kRead:
            return "read";
        case v1::Event::kRating:
            return "rating";
        case v1::Event::kClosed:
            return "closed";
        case v1::Event::kAssigned:
            return "assigned";
        case v1::Event::kQueued:
            return "queued";
        case v1::Event::kReleased:
            return "released";
        case v1::Event::kJoined:
            return "joined";
        case v1::Event::kLeft:
            return "left";
        case v1::Event::kTransferred:
            return "transferred";
        case v1::Event::kReopened:
            return "reopened";
        // Never in the shared stream; not for visitors wherever it came from.
        case v1::Event::kNote:
        case v1::Event::kOffered:
        case v1::Event::kDeclined:
        case v1::Event::BODY_NOT_SET:
            break;
    }
    return "unknown";
}

// As appendBody(), for what tells how the conversation changes hands.
void appendHandling(std::string& out, const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kQueued:
            appendMember(out, R"(,"queued":{"department":)", event.queued().department());
            appendMember(out, R"(,"reason":)", event.queued().reason());
            break;
        case v1::Event::kReleased:
            appendMember(out, R"(,"released":{"agent":)", event.released().agent());
            appendMember(out, R"(,"reason":)", event.released().reason());
            break;
        case v1::Event::kJoined:
            appendMember(out, R"(,"joined":{"agent":)", event.joined().agent());
            appendMember(out, R"(,"agent_name":)", event.joined().agent_name());
            break;
        case v1::Event::kLeft:
            appendMember(out, R"(,"left":{"agent":)", event.left().agent());
            break;
        case v1::Event::kTransferred:
            appendMember(out, R"(,"transferred":{"from_agent":)", event.transferred().from_agent());
            appendMember(out, R"(,"to_agent":)", event.transferred().to_agent());
            appendMember(out, R"(,"to_department":)", event.transferred().to_department());
            break;
        case v1::Event::kReopened:
            out += R"(,"reopened":{)";
            break;
        default:
            return;
    }
    out += '}';
}

// The member that holds the body, with a comma in front; nothing where there is none.
void appendBody(std::string& out, const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kOpened:
            appendMember(out, R"(,"opened":{"department":)", event.opened().department());
            if (event.opened().offline()) out += R"(,"offline":true)";
            appendMember(out, R"(,"visitor":{"name":)", event.opened().visitor().name());
            out += "}}";
            break;
        case v1::Event::kMessage:
            appendMember(out, R"(,"message":{"text":)", event.message().text());
            out += '}';
            break;
        case v1::Event::kRead:
            appendMember(out, R"(,"read":{"seq":)", event.read().seq());
            out += '}';
            break;
        case v1::Event::kRating:
            appendMember(out, R"(,"rating":{"score":)", event.rating().score());
            appendMember(out, R"(,"comment":)", event.rating().comment());
            out += '}';
            break;
        case v1::Event::kClosed:
            appendMember(out, R"(,"closed":{"reason":)", event.closed().reason());
            out += '}';
            break;
        case v1::Event::kAssigned:
            appendMember(out, R"(,"assigned":{"agent":)", event.assigned().agent());
            appendMember(out, R"(,"agent_name":)", event.assigned().agent_name());
            out += '}';
            break;
        default:
            appendHandling(out, event);
    }
}

// `value` in `width` digits.
void appendDigits(std::string& out, unsigned value, std::size_t width) {
    out.append(width, '0');
    for (std::size_t at = out.size(); width-- > 0; value /= 10) {
        out[--at] = static_cast<char>('0' + value % 10);
    }
}

void appendTime(std::string& text, std::int64_t unixMs) {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds(unixMs)};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const auto ms = static_cast<unsigned>((at - day).count());
    appendDigits(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    text += '-';
    appendDigits(text, static_cast<unsigned>(date.month()), 2);
    text += '-';
    appendDigits(text, static_cast<unsigned>(date.day()), 2);
    text += 'T';
    appendDigits(text, ms / 3'600'000, 2);
    text += ':';
    appendDigits(text, ms / 60'000 % 60, 2);
    text += ':';
    appendDigits(text, ms / 1000 % 60, 2);
    text += '.';
    appendDigits(text, ms % 1000, 3);
    text += 'Z';
}

}  // namespace

std::string rfc3339(std::int64_t unixMs) {
    std::string text;
    appendTime(text, unixMs);
    return text;
}

std::string eventJson(const v1::Event& event) {
    constexpr std::size_t kFrame = 256;  // all but the text, as a rule
    std::string out;
    out.reserve(kFrame + event.message().text().size());
    appendMember(out, R"({"seq":)", event.seq());
    out += R"(,"at":")";
    appendTime(out, event.recorded_at_ms());
    out += R"(","from":)";
    appendParty(out, event.author());
    appendMember(out, R"(,"type":)", typeOf(event));
    if (!event.request_id().empty()) appendMember(out, R"(,"request_id":)", event.request_id());
    appendBody(out, event);
    out += '}';
    return out;
}

std::string liveMembers(std::string_view party, const v1::Live& live) {
    std::string out;
    if (party == kLedgerParty) {
        out = R"("from":{"kind":"system"})";
    } else {
        appendMember(out, R"("from":{"kind":"agent","id":)", party);
        out += '}';
    }
    switch (live.body_case()) {
        case v1::Live::kTyping:  // what an agent is about to say is not for visitors
            appendMember(out, R"(,"typing":{"active":)", live.typing().active());
            break;
        case v1::Live::kRead:
            appendMember(out, R"(,"read":{"seq":)", live.read().seq());
            break;
        case v1::Live::kQueuePosition:
            appendMember(out, R"(,"queue_position":{"position":)",
                         live.queue_position().position());
            appendMember(out, R"(,"expected_wait_s":)", live.queue_position().expected_wait_s());
            break;
        case v1::Live::BODY_NOT_SET:
            return {};
    }
    out += '}';
    return out;
}

}  // namespace parlor::gateway
