#include "gateway/edge/eager_socket.h"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <vector>

namespace parlor::gateway::test {
namespace {

constexpr std::size_t kMuch = 4 << 20;  // more than both ends' kernel buffers hold

class EagerSocketTest : public testing::Test {
 protected:
    EagerSocketTest() {
        const asio::ip::tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
        Acceptor acceptor(io, any);
        acceptor.set_option(asio::socket_base::receive_buffer_size(64 << 10));
        peer.connect(acceptor.local_endpoint());
        Socket accepted = acceptor.accept();
        accepted.non_blocking(true);
        accepted.set_option(asio::socket_base::send_buffer_size(64 << 10));
        socket.emplace(std::move(accepted));
        peer.non_blocking(true);
    }

    std::size_t write(const std::string& text) {
        ErrorCode error;
        const std::size_t bytes = socket->write_some(asio::buffer(text), error);
        EXPECT_FALSE(error) << error.message();
        return bytes;
    }
    std::string fill(char c) {
        const std::string text(kMuch, c);
        EXPECT_EQ(write(text), kMuch);
        EXPECT_FALSE(socket->isFlushed());
        return text;
    }
    // What the peer got, once it has `bytes` of it.
    std::string read(std::size_t bytes) {
        std::string all;
        std::vector<char> some(64 << 10);
        while (all.size() < bytes) {
            ErrorCode error;
            all.append(some.data(), peer.read_some(asio::buffer(some), error));
            if (error == asio::error::would_block) io.run_one();
        }
        return all;
    }
    void run() {
        io.restart();
        io.run();
    }

    asio::io_context io;
    Socket peer{io};
    std::optional<EagerSocket> socket;
};

TEST_F(EagerSocketTest, WhatTheKernelTakesIsOutAtOnce) {
    EXPECT_EQ(write("hello"), 5U);
    EXPECT_TRUE(socket->isFlushed());
    EXPECT_EQ(read(5), "hello");
}

TEST_F(EagerSocketTest, TheRestGoesOutInOrderAsThePeerReads) {
    const std::string first = fill('a');
    EXPECT_EQ(write("b"), 1U);
    bool asyncDone = false;
    socket->async_write_some(asio::buffer("c", 1), [&](ErrorCode error, std::size_t bytes) {
        EXPECT_FALSE(error);
        EXPECT_EQ(bytes, 1U);
        asyncDone = true;
    });
    bool flushed = false;
    socket->whenFlushed([&](ErrorCode error) { flushed = !error; });
    io.poll();
    EXPECT_FALSE(asyncDone);
    EXPECT_FALSE(flushed);
    EXPECT_TRUE(read(kMuch + 2) == first + "bc");
    run();
    EXPECT_TRUE(asyncDone);
    EXPECT_TRUE(flushed);
    EXPECT_TRUE(socket->isFlushed());
}

TEST_F(EagerSocketTest, AnAsynchronousWriteCompletesFromTheLoop) {
    std::optional<std::size_t> written;
    const std::vector<asio::const_buffer> two = {asio::buffer("he", 2), asio::buffer("llo", 3)};
    socket->async_write_some(two, [&](ErrorCode, std::size_t bytes) { written = bytes; });
    EXPECT_FALSE(written);
    run();
    EXPECT_EQ(written, 5U);
    EXPECT_EQ(read(5), "hello");
}

TEST_F(EagerSocketTest, ThatThePeerHasGoneIsTold) {
    fill('a');
    ErrorCode seen;
    socket->whenFlushed([&](ErrorCode error) { seen = error; });
    peer.set_option(asio::socket_base::linger(true, 0));
    peer.close();
    run();
    EXPECT_TRUE(seen);
    ErrorCode error;
    EagerSocket closed{Socket(io)};
    EXPECT_EQ(closed.write_some(asio::buffer("x", 1), error), 0U);
    EXPECT_TRUE(error);
}

}  // namespace
}  // namespace parlor::gateway::test
