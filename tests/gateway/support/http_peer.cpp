#include "tests/gateway/support/http_peer.h"

#include <algorithm>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace parlor::gateway::test {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

tcp::endpoint local(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

// A buffer that is set before the connection is made bounds its window from the start.
void connectTo(tcp::socket& socket, std::uint16_t port, int receiveBuffer) {
    socket.open(tcp::v4());
    if (receiveBuffer > 0) {
        socket.set_option(asio::socket_base::receive_buffer_size(receiveBuffer));
    }
    socket.connect(local(port));
}

// Runs until the operation that reports to `failed` is done, or cancels at the limit.
template <class Cancel>
void runFor(asio::io_context& io, std::chrono::milliseconds limit, Cancel cancel) {
    io.restart();
    io.run_for(limit);
    if (!io.stopped()) {
        cancel();
        io.run();
    }
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

void parseHead(const std::string& head, Answer& answer) {
    answer.status = std::stoi(head.substr(9, 3));
    std::size_t at = head.find("\r\n") + 2;
    while (at < head.size()) {
        const auto end = head.find("\r\n", at);
        const std::string line = head.substr(at, end - at);
        const auto colon = line.find(':');
        if (colon != std::string::npos) {
            answer.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
        }
        at = end + 2;
    }
}

}  // namespace

HttpPeer::HttpPeer(std::uint16_t port, int receiveBuffer) : socket_(io_) {
    connectTo(socket_, port, receiveBuffer);
}
HttpPeer::~HttpPeer() = default;

void HttpPeer::send(std::string_view bytes) {
    ErrorCode ignored;  // the gateway may have closed already; what it said is still to be read
    asio::write(socket_, asio::buffer(bytes), ignored);
}

std::string HttpPeer::receiveSome(std::chrono::milliseconds limit) {
    std::array<char, 16384> bytes;
    std::size_t count = 0;
    socket_.async_read_some(asio::buffer(bytes),
                            [&](ErrorCode, std::size_t transferred) { count = transferred; });
    runFor(io_, limit, [this] { socket_.cancel(); });
    return {bytes.data(), count};
}

Answer HttpPeer::receive(bool hasBody, std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    const auto more = [&] {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        const std::string bytes = left.count() > 0 ? receiveSome(left) : std::string();
        buffer_ += bytes;
        return !bytes.empty();
    };
    std::size_t headEnd = 0;
    while ((headEnd = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!more()) return {};
    }
    Answer answer;
    parseHead(buffer_.substr(0, headEnd + 2), answer);
    buffer_.erase(0, headEnd + 4);
    const std::string length = answer.header("content-length");
    if (!hasBody || length.empty()) return answer;
    const auto bytes = static_cast<std::size_t>(std::stoul(length));
    while (buffer_.size() < bytes) {
        if (!more()) return {};
    }
    answer.body = buffer_.substr(0, bytes);
    buffer_.erase(0, bytes);
    return answer;
}

bool HttpPeer::closes(std::chrono::milliseconds limit) {
    std::array<char, 16384> bytes;
    ErrorCode failed;
    std::function<void()> next = [&] {
        socket_.async_read_some(asio::buffer(bytes), [&](ErrorCode error, std::size_t) {
            failed = error;
            if (!error) next();
        });
    };
    next();
    runFor(io_, limit, [this] { socket_.cancel(); });
    return failed == asio::error::eof || failed == asio::error::connection_reset;
}

void HttpPeer::close() {
    ErrorCode ignored;
    socket_.close(ignored);
}

std::string formatRequest(const Ask& ask) {
    std::string text = ask.method + " " + ask.target + " HTTP/1.1\r\nHost: localhost\r\n";
    if (!ask.token.empty()) text += "Authorization: Bearer " + ask.token + "\r\n";
    if (ask.body) {
        if (!ask.headers.contains("Content-Type")) text += "Content-Type: application/json\r\n";
        text += "Content-Length: " + std::to_string(ask.body->size()) + "\r\n";
    }
    for (const auto& [name, value] : ask.headers) text += name + ": " + value + "\r\n";
    return text + "\r\n" + ask.body.value_or("");
}

Answer http(std::uint16_t port, const Ask& ask, std::chrono::milliseconds limit) {
    HttpPeer peer(port);
    peer.send(formatRequest(ask));
    return peer.receive(ask.method != "HEAD", limit);
}

struct SocketPeer::Impl {
    asio::io_context io;
    websocket::stream<tcp::socket> stream{io};
    std::string protocol;
    bool ended = false;
};

SocketPeer::SocketPeer(std::uint16_t port, const std::string& target, const std::string& protocol,
                       const std::string& origin, int receiveBuffer, const std::string& traceparent,
                       const std::string& forwardedFor)
    : impl_(std::make_unique<Impl>()) {
    connectTo(boost::beast::get_lowest_layer(impl_->stream), port, receiveBuffer);
    impl_->stream.set_option(
        websocket::stream_base::decorator([&](websocket::request_type& request) {
            if (!protocol.empty()) request.set("Sec-WebSocket-Protocol", protocol);
            if (!origin.empty()) request.set("Origin", origin);
            if (!traceparent.empty()) request.set("traceparent", traceparent);
            if (!forwardedFor.empty()) request.set("X-Forwarded-For", forwardedFor);
        }));
    websocket::response_type response;
    impl_->stream.handshake(response, "localhost", target);
    impl_->protocol = std::string(response["Sec-WebSocket-Protocol"]);
}

SocketPeer::~SocketPeer() = default;

std::string SocketPeer::extensionsOf(std::uint16_t port, const std::string& target) {
    Impl impl;
    connectTo(boost::beast::get_lowest_layer(impl.stream), port, 0);
    websocket::permessage_deflate deflate;
    deflate.client_enable = true;
    impl.stream.set_option(deflate);
    websocket::response_type response;
    impl.stream.handshake(response, "localhost", target);
    return std::string(response["Sec-WebSocket-Extensions"]);
}

const std::string& SocketPeer::protocol() const { return impl_->protocol; }

void SocketPeer::sendText(const std::string& text) {
    impl_->stream.text(true);
    ErrorCode ignored;
    impl_->stream.write(asio::buffer(text), ignored);
}

void SocketPeer::sendBinary(const std::string& bytes) {
    impl_->stream.binary(true);
    ErrorCode ignored;
    impl_->stream.write(asio::buffer(bytes), ignored);
}

std::optional<std::string> SocketPeer::receive(std::chrono::milliseconds limit) {
    if (impl_->ended) return {};
    boost::beast::flat_buffer buffer;
    ErrorCode failed = asio::error::would_block;
    impl_->stream.async_read(buffer, [&](ErrorCode error, std::size_t) { failed = error; });
    runFor(impl_->io, limit, [this] { boost::beast::get_lowest_layer(impl_->stream).cancel(); });
    if (failed) {
        impl_->ended = true;
        return {};
    }
    return std::string(static_cast<const char*>(buffer.data().data()), buffer.size());
}

int SocketPeer::closeCode() {
    while (receive()) {
    }
    return impl_->stream.reason().code;
}

void SocketPeer::cut() {
    ErrorCode ignored;
    boost::beast::get_lowest_layer(impl_->stream).close(ignored);
}

}  // namespace parlor::gateway::test
