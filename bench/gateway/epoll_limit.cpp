// The least that a server which pushes can do, as the physical limit beside which others are
// measured: bare epoll, no routing, no authorisation, no timers, one fixed response.
//
//     GET /sub?id=N       parks until channel N (0 …) has a message
//     POST /pub?id=N      gives channel N a message: its body
//
// Only the load generator's own requests are understood.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>

#include "bench/gateway/poller.h"
#include "bench/gateway/request_view.h"

namespace {

using namespace parlor::bench;

constexpr std::string_view kPublished = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

struct Peer {
    Fd fd;
    std::string rest;  // a request that is not complete
};

struct Channel {
    std::mutex mutex;
    int parked = -1;          // guarded by mutex
    std::string undelivered;  // guarded by mutex: messages without a poll, as responses
};

class Worker {
 public:
    Worker(std::uint16_t port, std::vector<Channel>& channels)
        : channels_(channels),
          listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        const int on = 1;
        ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listener_.get(), SOMAXCONN) != 0) {
            throw std::system_error(errno, std::generic_category(), "listen");
        }
        watch(listener_.get(), nullptr);
    }

    void run() {
        std::array<epoll_event, 256> events;
        for (;;) {
            const int count = ::epoll_wait(epoll_.get(), events.data(), 256, -1);
            for (int i = 0; i < count; ++i) {
                auto* peer = static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr);
                if (peer == nullptr) {
                    accept();
                } else {
                    read(*peer);
                }
            }
        }
    }

 private:
    void watch(int fd, Peer* peer) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = peer;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
    }

    void accept() {
        const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(fd, new Peer{Fd(fd), {}});  // until its connection ends
    }

    void read(Peer& peer) {
        std::array<char, 4096> buffer;
        const auto received = ::recv(peer.fd.get(), buffer.data(), buffer.size(), 0);
        if (received <= 0) {
            if (received == 0 || errno != EAGAIN) delete &peer;
            return;
        }
        std::string_view bytes(buffer.data(), static_cast<std::size_t>(received));
        if (!peer.rest.empty()) bytes = peer.rest.append(bytes);
        if (serve(peer.fd.get(), bytes)) {
            peer.rest.clear();
        } else if (peer.rest.empty()) {
            peer.rest = bytes;
        }
    }

    // One whole request, or nothing.
    bool serve(int fd, std::string_view bytes) {
        const auto request = parseRequest(bytes);
        if (!request) return false;
        std::size_t number = 0;
        std::from_chars(request->value.data(), request->value.data() + request->value.size(),
                        number);
        auto& channel = channels_.at(number);
        if (request->method == "GET") {
            park(channel, fd);
        } else {
            publish(channel, request->body);
            sendAll(fd, kPublished);
        }
        return true;
    }

    void park(Channel& channel, int fd) {
        const std::lock_guard lock(channel.mutex);
        if (channel.undelivered.empty()) {
            channel.parked = fd;
            return;
        }
        sendAll(fd, response(channel.undelivered));
        channel.undelivered.clear();
    }

    void publish(Channel& channel, std::string_view body) {
        const std::lock_guard lock(channel.mutex);
        if (channel.parked < 0) {
            channel.undelivered.append(body);
        } else {
            sendAll(std::exchange(channel.parked, -1), response(body));
        }
    }

    std::string_view response(std::string_view body) {
        response_ = "HTTP/1.1 200 OK\r\nContent-Length: ";
        response_.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
        return response_;
    }

    std::vector<Channel>& channels_;
    const Fd listener_;
    const Fd epoll_;
    std::string response_;
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("The least that a server which pushes can do");
    std::uint16_t port = 0;
    std::size_t count = 20000;
    unsigned threads = std::max(1U, std::thread::hardware_concurrency());
    app.add_option("--port", port)->required();
    app.add_option("--channels", count)->check(CLI::Range(1, 1000000));
    app.add_option("--threads", threads)->check(CLI::Range(1, 64));
    CLI11_PARSE(app, argc, argv);

    raiseFileLimit();
    std::vector<Channel> channels(count);
    std::deque<Worker> workers;
    for (unsigned i = 0; i < threads; ++i) workers.emplace_back(port, channels);
    std::vector<std::jthread> running;
    for (auto& worker : workers) running.emplace_back([&worker] { worker.run(); });
}
