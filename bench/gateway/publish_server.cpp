#include "bench/gateway/publish_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <stdexcept>
#include <system_error>

namespace parlor::bench {
namespace {

constexpr auto kTokenLifetime = std::chrono::hours(24);
constexpr auto kStep = std::chrono::seconds(60);

std::string response(std::string_view status, std::string_view body) {
    return std::string("HTTP/1.1 ")
        .append(status)
        .append("\r\nContent-Type: text/plain\r\nContent-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n\r\n")
        .append(body);
}

Fd listenOn(std::uint16_t port) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd.get(), SOMAXCONN) != 0) {
        throw std::system_error(errno, std::generic_category(), "listen");
    }
    return fd;
}

// Writes all of it, waiting where it must: an answer to /tokens is larger than a socket's buffer.
void sendPatiently(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) return;  // its reader has gone, or does not read: its own loss
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

class PublishServer::Door : public Pollable {
 public:
    explicit Door(PublishServer& server) : server_(server) {}
    void onReadable() override { server_.accept(); }

 private:
    PublishServer& server_;
};

class PublishServer::Connection : public Pollable {
 public:
    Connection(PublishServer& server, Fd fd) : server_(server), fd_(std::move(fd)) {
        server_.poller_.add(fd_.get(), *this);
    }

    void onReadable() override {
        std::array<char, 16 * 1024> buffer;
        const auto received = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (received < 0 && errno == EAGAIN) return;
        if (received <= 0) return server_.drop(*this);
        take({buffer.data(), static_cast<std::size_t>(received)});
    }

 private:
    void take(std::string_view bytes) {
        if (!rest_.empty()) bytes = rest_.append(bytes);
        if (const auto request = parseRequest(bytes)) {
            sendPatiently(fd_.get(), server_.answer(*request));
            rest_.clear();
        } else if (rest_.empty()) {
            rest_ = bytes;
        }
    }

    PublishServer& server_;
    const Fd fd_;
    std::string rest_;  // a request that is not complete
};

PublishServer::PublishServer(std::uint16_t port, StandIn& standIn, SiteId site,
                             const std::string& keyFile)
    : standIn_(standIn),
      site_(std::move(site)),
      tokens_(gateway::readTokenKeys(keyFile), kTokenLifetime, &std::chrono::system_clock::now,
              stats_),
      listener_(listenOn(port)),
      door_(std::make_unique<Door>(*this)) {
    poller_.add(listener_.get(), *door_);
}

PublishServer::~PublishServer() = default;

void PublishServer::run(int signals) {
    struct Bell : Pollable {
        void onReadable() override { rung = true; }
        bool rung = false;
    } bell;
    poller_.add(signals, bell);
    while (!bell.rung) poller_.runOnce(Clock::now() + kStep);
}

void PublishServer::accept() {
    // The socket blocks: answers are small, but for those of /tokens, which are to arrive whole.
    Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (fd.get() < 0) return;
    const int on = 1;
    const timeval limit{10, 0};
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    auto connection = std::make_unique<Connection>(*this, std::move(fd));
    auto* key = connection.get();
    connections_.emplace(key, std::move(connection));
}

void PublishServer::drop(Connection& connection) { connections_.erase(&connection); }

std::string PublishServer::answer(const RequestView& request) {
    if (request.path == "/pub" && request.method == "POST") {
        const auto id = ConversationId::parse(request.value);
        if (id && standIn_.publish(*id, request.body)) return response("201 Created", "");
    } else if (request.path == "/tokens") {
        std::size_t count = 0;
        std::from_chars(request.value.data(), request.value.data() + request.value.size(), count);
        return response("200 OK", tokens(count));
    }
    return response("404 Not Found", "no such thing\n");
}

std::string PublishServer::tokens(std::size_t count) {
    std::string lines;
    for (const auto& id : standIn_.open(count)) {
        lines += id.str() + " " + tokens_.sign(site_, id) + " 1.1\n";
    }
    return lines;
}

Fd blockSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return Fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace parlor::bench
