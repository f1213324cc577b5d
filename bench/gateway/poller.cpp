#include "bench/gateway/poller.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace parlor::bench {
namespace {

constexpr std::size_t kEventsAtOnce = 256;
constexpr timeval kConnectLimit{10, 0};

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

void Fd::reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_.get() < 0) fail("epoll_create1");
}

void Poller::add(int fd, Pollable& owner) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &owner;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

void Poller::runOnce(Clock::time_point end) {
    std::array<epoll_event, kEventsAtOnce> events;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   left > 0 ? static_cast<int>(left) : 0);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) {
        static_cast<Pollable*>(events[static_cast<std::size_t>(i)].data.ptr)->onReadable();
    }
}

Ticker::Ticker(Poller& poller)
    : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    if (timer_.get() < 0) fail("timerfd_create");
    poller.add(timer_.get(), *this);
}

void Ticker::start(std::chrono::nanoseconds interval) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(interval);
    timespec spec{};
    spec.tv_sec = seconds.count();
    spec.tv_nsec = (interval - seconds).count();
    const itimerspec timer{spec, spec};
    if (::timerfd_settime(timer_.get(), 0, &timer, nullptr) != 0) fail("timerfd_settime");
}

void Ticker::onReadable() {
    std::uint64_t expirations = 0;
    if (::read(timer_.get(), &expirations, sizeof expirations) < 0 && errno != EAGAIN) fail("read");
}

void Ticker::stop() { start(std::chrono::nanoseconds(0)); }

Fd connectTo(const std::string& address) {
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    if (colon == std::string::npos ||
        ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) != 1) {
        throw std::invalid_argument("not an IPv4 address and port: " + address);
    }
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) fail("socket");
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kConnectLimit, sizeof kConnectLimit);
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        fail("connect to " + address);
    }
    ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    return fd;
}

void sendAll(int fd, std::string_view bytes) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("send");
    if (static_cast<std::size_t>(sent) != bytes.size()) {
        throw std::system_error(ENOBUFS, std::generic_category(), "send");
    }
}

void raiseFileLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
}

}  // namespace parlor::bench
