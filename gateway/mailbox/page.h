#pragma once

// What readers are given: events that are already text, shared by all who stand at the same place.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "proto/codec.h"
#include "proto/cursor.h"

namespace parlor::gateway {

// One event, turned into JSON once per shard. Immutable.
struct RenderedEvent {
    explicit RenderedEvent(const v1::Event& event);

    std::uint64_t seq;
    std::int64_t recordedAtMs;
    std::string json;
};
using EventRef = std::shared_ptr<const RenderedEvent>;

// Events for one reader: those after its cursor, in order and without a hole. Immutable.
struct Page {
    // `after` is where the reader stood; the events are of `epoch`. `reset`: the reader must forget
    // what it had.
    Page(std::uint32_t epoch, std::uint64_t after, std::span<const EventRef> events, bool reset);

    // {"events":[…],"cursor":"1.17"} and perhaps ,"reset":true in it.
    std::string object;
    Cursor cursor;  // where the reader stands then
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
