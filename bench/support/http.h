#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <string>
#include <string_view>

namespace parlor::bench {

struct Response {
    unsigned status = 0;
    std::string body;
};

// One keep-alive connection of the load generator. Not thread-safe; one request at a time. Throws
// boost::system::system_error.
class Connection {
 public:
    Connection(const boost::asio::any_io_executor& executor, const std::string& address);

    boost::asio::awaitable<Response> get(std::string_view target, std::string_view token);
    boost::asio::awaitable<Response> post(std::string_view target, std::string_view token,
                                          std::string_view body);

 private:
    boost::asio::awaitable<Response> exchange(std::string request);

    const std::string address_;
    const boost::asio::ip::tcp::endpoint endpoint_;
    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer buffer_;
    bool connected_ = false;
};

}  // namespace parlor::bench
