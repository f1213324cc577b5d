#include "tests/integration/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace parlor::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

tcp::endpoint endpoint(const std::string& address) {
    const auto colon = address.rfind(':');
    return {asio::ip::make_address(address.substr(0, colon)),
            static_cast<unsigned short>(std::stoi(address.substr(colon + 1)))};
}

// Runs one asynchronous step to its end. `start` gets the handler that takes its error code.
template <class Start>
error_code step(asio::io_context& context, Start&& start) {
    error_code result = asio::error::would_block;
    start([&](error_code error, auto&&...) { result = error; });
    context.restart();
    context.run();
    return result;
}

void require(error_code error) {
    if (error) throw boost::system::system_error(error);
}

}  // namespace

HttpResponse http(const std::string& address, const HttpRequest& request,
                  std::chrono::milliseconds limit) {
    asio::io_context context;
    beast::tcp_stream stream(context);
    stream.expires_after(limit);
    require(step(context, [&](auto done) { stream.async_connect(endpoint(address), done); }));

    beast::http::request<beast::http::string_body> message;
    message.method_string(request.method);
    message.target(request.target);
    message.set(beast::http::field::host, address);
    message.set(beast::http::field::connection, "close");
    if (!request.token.empty()) {
        message.set(beast::http::field::authorization, "Bearer " + request.token);
    }
    for (const auto& [name, value] : request.headers) message.set(name, value);
    if (!request.body.empty()) message.set(beast::http::field::content_type, request.contentType);
    message.body() = request.body;
    message.prepare_payload();
    // A server that refuses may answer before it has read everything: what it said counts.
    (void)step(context, [&](auto done) { beast::http::async_write(stream, message, done); });

    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(64UL * 1024 * 1024);
    require(
        step(context, [&](auto done) { beast::http::async_read(stream, buffer, parser, done); }));
    HttpResponse response;
    response.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
        std::string name(field.name_string());
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        response.headers[name] = std::string(field.value());
    }
    response.body = parser.get().body();
    return response;
}

std::string sendRaw(const std::string& address, std::string_view bytes,
                    std::chrono::milliseconds limit) {
    asio::io_context context;
    beast::tcp_stream stream(context);
    stream.expires_after(limit);
    require(step(context, [&](auto done) { stream.async_connect(endpoint(address), done); }));
    (void)step(context, [&](auto done) {
        asio::async_write(stream, asio::buffer(bytes.data(), bytes.size()), done);
    });
    std::string received;
    (void)step(context, [&](auto done) {
        asio::async_read(stream, asio::dynamic_buffer(received), asio::transfer_all(), done);
    });
    return received;
}

struct StreamClient::Impl {
    asio::io_context context;
    beast::tcp_stream stream{context};
    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::string_body> parser;
    std::string body;  // not yet taken

    // Whole lines come out of `body`, which the parser would keep to itself until the end.
    void takeBody() {
        body += parser.get().body();
        parser.get().body().clear();
    }
};

StreamClient::StreamClient(const std::string& address, const std::string& target)
    : impl_(std::make_unique<Impl>()) {
    auto& me = *impl_;
    me.stream.expires_after(std::chrono::seconds(15));
    require(step(me.context, [&](auto done) { me.stream.async_connect(endpoint(address), done); }));
    beast::http::request<beast::http::empty_body> message(beast::http::verb::get, target, 11);
    message.set(beast::http::field::host, address);
    require(
        step(me.context, [&](auto done) { beast::http::async_write(me.stream, message, done); }));
    me.parser.body_limit(boost::none);
    require(step(me.context, [&](auto done) {
        beast::http::async_read_header(me.stream, me.buffer, me.parser, done);
    }));
}

StreamClient::~StreamClient() = default;

int StreamClient::status() const { return static_cast<int>(impl_->parser.get().result_int()); }

std::optional<std::string> StreamClient::line(std::chrono::milliseconds limit) {
    auto& me = *impl_;
    me.stream.expires_after(limit);
    for (;;) {
        me.takeBody();
        if (const auto end = me.body.find('\n'); end != std::string::npos) {
            auto text = me.body.substr(0, end);
            me.body.erase(0, end + 1);
            return text;
        }
        if (me.parser.is_done()) return std::nullopt;
        const auto error = step(me.context, [&](auto done) {
            beast::http::async_read_some(me.stream, me.buffer, me.parser, done);
        });
        if (error == beast::error::timeout) require(error);
        if (error) return std::nullopt;
    }
}

struct WebSocketClient::Impl {
    asio::io_context context;
    beast::websocket::stream<beast::tcp_stream> socket{context};
    beast::flat_buffer buffer;
};

WebSocketClient::WebSocketClient(const std::string& address, const std::string& target,
                                 const std::string& subprotocol)
    : impl_(std::make_unique<Impl>()) {
    auto& [context, socket, buffer] = *impl_;
    beast::get_lowest_layer(socket).expires_after(std::chrono::seconds(15));
    require(step(context, [&](auto done) {
        beast::get_lowest_layer(socket).async_connect(endpoint(address), done);
    }));
    socket.set_option(
        beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
            request.set(beast::http::field::sec_websocket_protocol, subprotocol);
        }));
    require(step(context, [&](auto done) { socket.async_handshake(address, target, done); }));
    socket.binary(subprotocol == "parlor.v1.proto");
}

WebSocketClient::~WebSocketClient() = default;

void WebSocketClient::send(const std::string& text) {
    auto& [context, socket, buffer] = *impl_;
    beast::get_lowest_layer(socket).expires_after(std::chrono::seconds(15));
    require(step(context, [&](auto done) { socket.async_write(asio::buffer(text), done); }));
}

std::optional<std::string> WebSocketClient::receive(std::chrono::milliseconds limit) {
    auto& [context, socket, buffer] = *impl_;
    beast::get_lowest_layer(socket).expires_after(limit);
    const auto error = step(context, [&](auto done) { socket.async_read(buffer, done); });
    if (error == beast::websocket::error::closed || error == asio::error::eof ||
        error == asio::error::connection_reset) {
        return std::nullopt;
    }
    require(error);
    auto text = beast::buffers_to_string(buffer.data());
    buffer.consume(buffer.size());
    return text;
}

int WebSocketClient::closeCode() const { return impl_->socket.reason().code; }

}  // namespace parlor::test
