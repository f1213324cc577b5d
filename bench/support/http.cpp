#include "bench/support/http.h"

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

namespace parlor::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
constexpr auto kLimit = std::chrono::seconds(90);

asio::ip::tcp::endpoint endpointOf(const std::string& address) {
    const auto colon = address.rfind(':');
    return {asio::ip::make_address(address.substr(0, colon)),
            static_cast<unsigned short>(std::stoi(address.substr(colon + 1)))};
}

}  // namespace

Connection::Connection(const asio::any_io_executor& executor, const std::string& address)
    : address_(address), endpoint_(endpointOf(address)), stream_(executor) {}

asio::awaitable<Response> Connection::get(std::string_view target, std::string_view token) {
    std::string request = "GET " + std::string(target) + " HTTP/1.1\r\nHost: " + address_ +
                          "\r\nAuthorization: Bearer " + std::string(token) + "\r\n\r\n";
    return exchange(std::move(request));
}

asio::awaitable<Response> Connection::post(std::string_view target, std::string_view token,
                                           std::string_view body) {
    std::string request =
        "POST " + std::string(target) + " HTTP/1.1\r\nHost: " + address_ +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n";
    if (!token.empty()) request += "Authorization: Bearer " + std::string(token) + "\r\n";
    request += "\r\n" + std::string(body);
    return exchange(std::move(request));
}

asio::awaitable<Response> Connection::exchange(std::string request) {
    stream_.expires_after(kLimit);
    if (!connected_) {
        co_await stream_.async_connect(endpoint_, asio::use_awaitable);
        stream_.socket().set_option(asio::ip::tcp::no_delay(true));
        connected_ = true;
    }
    co_await asio::async_write(stream_, asio::buffer(request), asio::use_awaitable);
    beast::http::response_parser<beast::http::string_body> parser;
    co_await beast::http::async_read(stream_, buffer_, parser, asio::use_awaitable);
    if (!parser.get().keep_alive()) {
        beast::error_code ignored;
        stream_.socket().close(ignored);
        connected_ = false;
    }
    co_return Response{parser.get().result_int(), std::move(parser.get().body())};
}

}  // namespace parlor::bench
