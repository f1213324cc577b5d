#pragma once

// The socket below a WebSocket. It takes every write whole, at once: what the kernel does not take
// yet is kept and goes out as soon as the kernel can. So whoever writes to a client that keeps up,
// which is nearly always, need not wait for the loop to say so.

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <boost/system/system_error.hpp>
#include <string>
#include <utility>

#include "gateway/edge/net.h"

namespace parlor::gateway {

// A SyncStream, of which write_some never blocks, and an AsyncStream, for Boost.Beast. Must outlive
// what it has been asked for. Shard's thread only.
class EagerSocket {
 public:
    using executor_type = Executor;
    using next_layer_type = Socket;

    // `socket` is in non-blocking mode.
    explicit EagerSocket(Socket socket) : socket_(std::move(socket)) {}

    executor_type get_executor() { return socket_.get_executor(); }
    Socket& next_layer() { return socket_; }
    const Socket& next_layer() const { return socket_; }

    template <class Buffers>
    std::size_t read_some(const Buffers& buffers, ErrorCode& error) {
        return socket_.read_some(buffers, error);
    }
    template <class Buffers>
    std::size_t read_some(const Buffers& buffers) {
        return socket_.read_some(buffers);
    }
    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return socket_.async_read_some(buffers, std::forward<Token>(token));
    }

    // All of `buffers`, or an error of the connection.
    template <class Buffers>
    std::size_t write_some(const Buffers& buffers, ErrorCode& error) {
        const std::size_t bytes = asio::buffer_size(buffers);
        std::size_t written = 0;
        error = {};
        if (rest_.empty()) written = write(buffers, bytes, error);
        if (error == asio::error::would_block) error = {};
        if (error) return 0;
        if (written < bytes) keep(buffers, written);
        return bytes;
    }
    template <class Buffers>
    std::size_t write_some(const Buffers& buffers) {
        ErrorCode error;
        const std::size_t bytes = write_some(buffers, error);
        if (error) throw boost::system::system_error(error);
        return bytes;
    }
    // Completes when the kernel has all, so that whoever floods with pings waits for their pongs.
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return asio::async_compose<Token, void(ErrorCode, std::size_t)>(
            [this, buffers, bytes = std::size_t(0)](auto& self, ErrorCode error = {}) mutable {
                if (bytes != 0) {
                    flush(error);
                } else if (bytes = write_some(buffers, error); error || rest_.empty()) {
                    return asio::post(get_executor(),
                                      [self = std::move(self), error, bytes = bytes]() mutable {
                                          self.complete(error, bytes);
                                      });
                }
                if (error || rest_.empty()) return self.complete(error, bytes);
                socket_.async_wait(Socket::wait_write, std::move(self));
            },
            token, socket_);
    }

    // Nothing waits for the kernel.
    bool isFlushed() const { return rest_.empty(); }
    // `handler` gets the connection's error, if any, when nothing waits any longer.
    template <class Handler>
    void whenFlushed(Handler handler) {
        socket_.async_wait(Socket::wait_write,
                           [this, handler = std::move(handler)](ErrorCode error) mutable {
                               flush(error);
                               if (error || rest_.empty()) return handler(error);
                               whenFlushed(std::move(handler));
                           });
    }

    friend void teardown(beast::role_type role, EagerSocket& socket, ErrorCode& error) {
        beast::websocket::teardown(role, socket.socket_, error);
    }
    template <class Handler>
    friend void async_teardown(beast::role_type role, EagerSocket& socket, Handler&& handler) {
        beast::websocket::async_teardown(role, socket.socket_, std::forward<Handler>(handler));
    }
    friend void beast_close_socket(EagerSocket& socket) {
        ErrorCode ignored;
        socket.socket_.close(ignored);
    }

 private:
    // Copying little is cheaper than telling the kernel of several places.
    template <class Buffers>
    std::size_t write(const Buffers& buffers, std::size_t bytes, ErrorCode& error) {
        std::array<char, 2048> flat;
        if (bytes > flat.size()) return socket_.write_some(buffers, error);
        asio::buffer_copy(asio::buffer(flat), buffers);
        return socket_.write_some(asio::buffer(flat.data(), bytes), error);
    }

    template <class Buffers>
    void keep(const Buffers& buffers, std::size_t written) {
        const std::size_t before = rest_.size();
        const std::size_t bytes = asio::buffer_size(buffers);
        rest_.resize(before + bytes);
        asio::buffer_copy(asio::buffer(rest_.data() + before, bytes), buffers);
        rest_.erase(before, written);
    }

    void flush(ErrorCode& error) {
        if (error || rest_.empty()) return;
        const std::size_t written = socket_.write_some(asio::buffer(rest_), error);
        if (error == asio::error::would_block) error = {};
        rest_.erase(0, written);
        if (rest_.empty()) rest_ = std::string();
    }

    Socket socket_;
    std::string rest_;  // what waits for the kernel
};

}  // namespace parlor::gateway
