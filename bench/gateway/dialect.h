#pragma once

// How each peer is spoken to. Requests are built, and cursors found, without parsing more than
// there is need for.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parlor::bench {

// What one subscriber reads. The cursor is whatever the peer's next request wants to be told.
struct Channel {
    std::string id;
    std::string token;
    std::string cursor;
};

// An HTTP/1.1 response that stands at the beginning of `bytes`.
struct ResponseView {
    unsigned status;
    std::string_view head;  // status line and header lines
    std::string_view body;
    std::size_t size() const { return head.size() + body.size(); }
};

// Nothing while it is not complete. Without Content-Length there is no body. Throws
// std::runtime_error for what is not HTTP.
std::optional<ResponseView> parseResponse(std::string_view bytes);

// The value of a header field, by its name as the peer writes it; empty: none.
std::string_view header(std::string_view head, std::string_view name);

class Dialect {
 public:
    virtual ~Dialect() = default;

    // Appends the request that parks a long poll behind the channel's cursor.
    virtual void poll(const Channel& channel, std::string& out) const = 0;
    // Moves the channel's cursor behind what a poll was answered.
    virtual void advance(const ResponseView& response, Channel& channel) const = 0;
    // The request that starts server-sent events, or a WebSocket.
    virtual std::string stream(const Channel& channel) const = 0;
    virtual std::string socket(const Channel& channel) const = 0;
    // Appends the request that publishes `text`.
    void publish(const Channel& channel, std::string_view text, std::string& out) const;
};

// "parlor", "nchan" or "limit" (see epoll_limit.cpp). Throws std::invalid_argument.
std::unique_ptr<Dialect> makeDialect(const std::string& name);

}  // namespace parlor::bench
