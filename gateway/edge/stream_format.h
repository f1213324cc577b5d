#pragma once

// How a stream over one long HTTP answer words what it sends.

#include <memory>
#include <string>
#include <string_view>

#include "gateway/edge/exchange.h"

namespace parlor::gateway {

enum class Farewell {
    goingAway,  // the gateway is: come back elsewhere
    tooSlow,    // the write queue was full: come back by cursor
    token,      // expired: a new one is needed
    noBroker,   // this replica has none: come back elsewhere
    full,       // the answer is as long as it may be: come back by cursor
    gone,       // there is no such conversation
    replaced,   // another connection of the same client has taken over
};
// "going_away", "too_slow", …
std::string_view nameOf(Farewell why);
// False where coming back does not help.
bool mayComeBack(Farewell why);
// When a client should come back: a spread, so that not all come at once.
std::chrono::milliseconds comeBackAfter(Farewell why);

class StreamFormat {
 public:
    virtual ~StreamFormat() = default;
    virtual Transport transport() const = 0;
    virtual std::string_view contentType() const = 0;
    virtual std::string headers() const = 0;  // more header lines
    virtual std::string prologue() const = 0;
    virtual std::string page(const Page& page) const = 0;
    virtual std::string gap(const Cursor& cursor) const = 0;
    virtual std::string live(const std::string& members) const = 0;
    // Says nothing, but keeps proxies from ending the connection.
    virtual std::string heartbeat() const = 0;
    virtual std::string farewell(Farewell why) const = 0;
    // Bytes after which the client is asked to come back, because it keeps them all; 0: never.
    virtual std::size_t maxBytes() const = 0;
};

// GET …/stream: server-sent events (the HTML standard, 9.2). Each page is one event with the cursor
// as its id.
std::unique_ptr<StreamFormat> makeSse();

// GET …/frame: the "forever iframe", a page of script blocks that post each frame, as the WebSocket
// words it, to the window around it. `targetOrigin` is where that window must come from.
std::unique_ptr<StreamFormat> makeFrame(const std::string& targetOrigin);

}  // namespace parlor::gateway
