#include "bench/gateway/dialect.h"

#include <charconv>
#include <stdexcept>

namespace parlor::bench {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n";
constexpr std::string_view kHost = " HTTP/1.1\r\nHost: bench\r\n";
// Any key will do (RFC 6455, 4.1): the answer to it is not what is measured.
constexpr std::string_view kUpgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

class ParlorDialect : public Dialect {
 public:
    void poll(const Channel& channel, std::string& out) const override {
        out.append("GET /v1/conversations/").append(channel.id).append("/events?wait=60&after=");
        out.append(channel.cursor).append(kHost);
        out.append("Authorization: Bearer ").append(channel.token).append(kEnd);
    }
    void advance(const ResponseView& response, Channel& channel) const override {
        constexpr std::string_view kName = "\"cursor\":\"";
        const auto at = response.body.rfind(kName);
        if (at == std::string_view::npos) return;
        const auto begin = at + kName.size();
        channel.cursor = response.body.substr(begin, response.body.find('"', begin) - begin);
    }
    std::string stream(const Channel& channel) const override {
        return get(channel, "/stream") + "Accept: text/event-stream\r\nAuthorization: Bearer " +
               channel.token + std::string(kEnd);
    }
    std::string socket(const Channel& channel) const override {
        return get(channel, "/socket") + std::string(kUpgrade) +
               "Sec-WebSocket-Protocol: parlor.v1.json\r\nAuthorization: Bearer " + channel.token +
               std::string(kEnd);
    }

 private:
    static std::string get(const Channel& channel, std::string_view what) {
        return "GET /v1/conversations/" + channel.id + std::string(what) +
               "?after=" + channel.cursor + std::string(kHost);
    }
};

class NchanDialect : public Dialect {
 public:
    void poll(const Channel& channel, std::string& out) const override {
        out.append("GET /sub?id=").append(channel.id).append(kHost).append(channel.cursor);
        out.append("\r\n");
    }
    void advance(const ResponseView& response, Channel& channel) const override {
        if (response.status != 200) return;
        channel.cursor.assign("If-Modified-Since: ");
        channel.cursor.append(header(response.head, "Last-Modified"));
        channel.cursor.append("\r\nIf-None-Match: ").append(header(response.head, "Etag"));
        channel.cursor.append("\r\n");
    }
    std::string stream(const Channel& channel) const override {
        return "GET /sub?id=" + channel.id + std::string(kHost) +
               "Accept: text/event-stream\r\n\r\n";
    }
    std::string socket(const Channel& channel) const override {
        return "GET /sub?id=" + channel.id + std::string(kHost) + std::string(kUpgrade) + "\r\n";
    }
};

class LimitDialect : public Dialect {
 public:
    void poll(const Channel& channel, std::string& out) const override {
        out.append("GET /sub?id=").append(channel.id).append(kHost).append("\r\n");
    }
    void advance(const ResponseView&, Channel&) const override {}
    std::string stream(const Channel&) const override {
        throw std::invalid_argument("the limit serves long polls only");
    }
    std::string socket(const Channel& channel) const override { return stream(channel); }
};

}  // namespace

std::optional<ResponseView> parseResponse(std::string_view bytes) {
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    const auto end = bytes.find(kEnd);
    if (end == std::string_view::npos) return {};
    if (!bytes.starts_with(kVersion)) throw std::runtime_error("not HTTP/1.1");
    ResponseView response{0, bytes.substr(0, end + kEnd.size()), {}};
    std::from_chars(bytes.data() + kVersion.size(), bytes.data() + kVersion.size() + 3,
                    response.status);
    const auto length = header(response.head, "Content-Length");
    std::size_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    if (bytes.size() - response.head.size() < size) return {};
    response.body = bytes.substr(response.head.size(), size);
    return response;
}

std::string_view header(std::string_view head, std::string_view name) {
    for (auto at = head.find(name); at != std::string_view::npos; at = head.find(name, at + 1)) {
        const auto value = at + name.size() + 2;
        if (head[at - 1] != '\n' || head.substr(at + name.size(), 2) != ": ") continue;
        return head.substr(value, head.find('\r', value) - value);
    }
    return {};
}

void Dialect::publish(const Channel& channel, std::string_view text, std::string& out) const {
    out.append("POST /pub?id=").append(channel.id).append(kHost);
    out.append("Content-Type: text/plain\r\nContent-Length: ");
    out.append(std::to_string(text.size())).append(kEnd).append(text);
}

std::unique_ptr<Dialect> makeDialect(const std::string& name) {
    if (name == "parlor") return std::make_unique<ParlorDialect>();
    if (name == "nchan") return std::make_unique<NchanDialect>();
    if (name == "limit") return std::make_unique<LimitDialect>();
    throw std::invalid_argument("no such dialect: " + name);
}

}  // namespace parlor::bench
