#include "bus/doorbell.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace parlor::bus {
namespace {

// Milliseconds for poll(2), rounded up so that the limit has passed when it returns.
int timeoutOf(std::optional<Deadline> limit) {
    if (!limit) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*limit - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

}  // namespace

Doorbell::Doorbell() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Doorbell::~Doorbell() { ::close(fd_); }

void Doorbell::ring() {
    const std::uint64_t one = 1;
    (void)!::write(fd_, &one, sizeof one);
}

Doorbell::Ready Doorbell::wait(int socket, bool toWrite, std::optional<Deadline> limit) {
    std::array<pollfd, 2> polled{
        {{.fd = fd_, .events = POLLIN, .revents = 0},
         {.fd = socket,
          .events = static_cast<short>(toWrite ? POLLIN | POLLOUT : POLLIN),
          .revents = 0}}};
    if (::poll(polled.data(), polled.size(), timeoutOf(limit)) <= 0) return {};
    if (polled[0].revents != 0) {
        std::uint64_t count = 0;
        (void)!::read(fd_, &count, sizeof count);
    }
    return {.readable = (polled[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0,
            .writable = (polled[1].revents & POLLOUT) != 0};
}

}  // namespace parlor::bus
