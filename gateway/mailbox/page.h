#pragma once

// What readers are given: events that are already text, shared by all who stand at the same place.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "parlor/v1/socket.pb.h"
#include "proto/codec.h"
#include "proto/cursor.h"

namespace parlor::gateway {

// What a reader is given its events as.
enum class Format : std::uint8_t { json, proto };

// What a visitor may see of an event.
v1::Event visibleOf(const v1::Event& event);

// One event, turned into JSON once per shard. Immutable.
struct RenderedEvent {
    // `keepProto`: for readers of Format::proto, of whom there are few.
    explicit RenderedEvent(const v1::Event& event, bool keepProto = false);

    std::uint64_t seq;
    std::int64_t recordedAtMs;
    std::string json;
    std::unique_ptr<const v1::Event> visible;  // null unless kept
};
using EventRef = std::shared_ptr<const RenderedEvent>;

// Events for one reader: those after its cursor, in order and without a hole. Immutable.
struct Page {
    // `after` is where the reader stood; the events are of `epoch`. `reset`: the reader must forget
    // what it had. Of Format::proto the events must have been kept.
    Page(std::uint32_t epoch, std::uint64_t after, std::span<const EventRef> events, bool reset,
         Format format = Format::json);

    // {"events":[…],"cursor":"1.17"} and perhaps ,"reset":true in it. Empty for Format::proto.
    std::string object;
    std::unique_ptr<const v1::EventPage> proto;  // null for Format::json
    Cursor cursor;                               // where the reader stands then
    std::size_t count;
    std::int64_t newestAtMs;  // the newest event's time; 0: no event

    // The object's members without its braces, for transports that put more beside them.
    std::string_view members() const {
        return std::string_view(object).substr(1, object.size() - 2);
    }
    // The object with "type":"events" in front.
    std::string typed() const;
};
using PageRef = std::shared_ptr<const Page>;

// The members of an answer that tells of a hole: no events and the reader's own cursor.
std::string gapMembers(const Cursor& cursor);

}  // namespace parlor::gateway
