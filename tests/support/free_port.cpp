#include "tests/support/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <system_error>

namespace parlor::test {

namespace {

bool canListen(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const bool ok = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return ok;
}

}  // namespace

// Below 32768, from where on the system gives ports to outgoing connections: a server that is
// killed and started again finds its port free.
std::uint16_t freePort() {
    std::random_device random;
    std::uniform_int_distribution<std::uint16_t> ports(10000, 29999);
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const std::uint16_t port = ports(random);
        if (canListen(port)) return port;
    }
    throw std::system_error(EADDRINUSE, std::generic_category(), "no free port");
}

}  // namespace parlor::test
