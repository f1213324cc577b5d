#include "gateway/mailbox/visitor_json.h"

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>

namespace parlor::gateway {
namespace {

namespace json = boost::json;

json::string_view view(const std::string& text) { return {text.data(), text.size()}; }

json::object partyJson(const v1::Party& party) {
    json::object out;
    switch (party.kind()) {
        case v1::Party::KIND_VISITOR:
            out["kind"] = "visitor";
            break;
        case v1::Party::KIND_AGENT:
            out["kind"] = "agent";
            out["id"] = view(party.id());
            break;
        default:
            out["kind"] = "system";
            break;
    }
    if (!party.name().empty()) out["name"] = view(party.name());
    return out;
}

// The member that holds the body, and its name. Null: nothing that visitors see.
std::pair<const char*, json::value> bodyJson(const v1::Event& event) {
    switch (event.body_case()) {
        case v1::Event::kOpened:
            return {"opened",
                    {{"department", view(event.opened().department())},
                     {"visitor", {{"name", view(event.opened().visitor().name())}}}}};
        case v1::Event::kMessage:
            return {"message", {{"text", view(event.message().text())}}};
        case v1::Event::kRead:
            return {"read", {{"seq", event.read().seq()}}};
        case v1::Event::kRating:
            return {
                "rating",
                {{"score", event.rating().score()}, {"comment", view(event.rating().comment())}}};
        case v1::Event::kClosed:
            return {"closed", {{"reason", view(event.closed().reason())}}};
        case v1::Event::kAssigned:
            return {"assigned",
                    {{"agent", view(event.assigned().agent())},
                     {"agent_name", view(event.assigned().agent_name())}}};
        case v1::Event::kNote:  // never in the shared stream; not for visitors wherever it came
                                // from
        case v1::Event::BODY_NOT_SET:
            break;
    }
    return {"unknown", nullptr};
}

}  // namespace

std::string rfc3339(std::int64_t unixMs) {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds(unixMs)};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{at - day};
    std::array<char, 64> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
        static_cast<int>(time.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string eventJson(const v1::Event& event) {
    json::object out;
    out["seq"] = event.seq();
    out["at"] = rfc3339(event.recorded_at_ms());
    out["from"] = partyJson(event.author());
    auto [type, body] = bodyJson(event);
    out["type"] = type;
    if (!event.request_id().empty()) out["request_id"] = view(event.request_id());
    if (!body.is_null()) out[type] = std::move(body);
    return json::serialize(out);
}

std::string liveMembers(std::string_view party, const v1::Live& live) {
    json::object from;
    if (party == kLedgerParty) {
        from["kind"] = "system";
    } else {
        from["kind"] = "agent";
        from["id"] = json::string_view(party.data(), party.size());
    }
    json::object out{{"from", std::move(from)}};
    switch (live.body_case()) {
        case v1::Live::kTyping:  // what an agent is about to say is not for visitors
            out["typing"] = {{"active", live.typing().active()}};
            break;
        case v1::Live::kRead:
            out["read"] = {{"seq", live.read().seq()}};
            break;
        case v1::Live::kQueuePosition:
            out["queue_position"] = {{"position", live.queue_position().position()},
                                     {"expected_wait_s", live.queue_position().expected_wait_s()}};
            break;
        case v1::Live::BODY_NOT_SET:
            return {};
    }
    const std::string object = json::serialize(out);
    return object.substr(1, object.size() - 2);
}

}  // namespace parlor::gateway
