#include "tests/security/fake_broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace parlor::test {
namespace {

constexpr int kLimitMs = 20'000;
constexpr unsigned kSubscribe = 0x80;
constexpr unsigned kPuback = 0x40;
constexpr unsigned kPingreq = 0xc0;

void awaitReadable(int fd) {
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, kLimitMs) != 1) throw std::runtime_error("the bridge does not come");
}

unsigned char readByte(int fd) {
    awaitReadable(fd);
    unsigned char byte = 0;
    if (::recv(fd, &byte, 1, 0) != 1) throw std::runtime_error("the bridge left");
    return byte;
}

unsigned typeOf(const std::string& packet) { return static_cast<unsigned char>(packet[0]) & 0xf0U; }

}  // namespace

FakeBroker::FakeBroker() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 1) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
        throw std::system_error(errno, std::generic_category(), "fake broker");
    }
    port_ = ntohs(address.sin_port);
}

FakeBroker::~FakeBroker() {
    if (bridge_ >= 0) ::close(bridge_);
    ::close(listener_);
}

std::string FakeBroker::readPacket() {
    std::string packet(1, static_cast<char>(readByte(bridge_)));
    std::size_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
        const auto next = readByte(bridge_);
        size |= std::size_t{next & 127U} << shift;
        if (next < 128) break;
    }
    while (packet.size() < size + 1) packet += static_cast<char>(readByte(bridge_));
    return packet;
}

void FakeBroker::write(const std::string& bytes) {
    if (::send(bridge_, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("the bridge does not read");
    }
}

void FakeBroker::awaitBridge() {
    awaitReadable(listener_);
    bridge_ = ::accept(listener_, nullptr, nullptr);
    readPacket();                                   // CONNECT
    write(std::string("\x20\x03\x00\x00\x00", 5));  // CONNACK: welcome
    while (true) {
        const auto packet = readPacket();
        if (typeOf(packet) != kSubscribe) continue;
        write(std::string("\x90\x04", 2) + packet.substr(1, 2) + std::string("\x00\x01", 2));
        return;
    }
}

void FakeBroker::publish(const RawClient::Message& message) {
    write(publishPacket(message, ++lastPacketId_));
    while (true) {
        const auto packet = readPacket();
        if (typeOf(packet) == kPuback) return;
        if (typeOf(packet) == kPingreq) write(std::string("\xd0\x00", 2));
        // Each filter comes as a SUBSCRIBE of its own.
        if (typeOf(packet) == kSubscribe) {
            write(std::string("\x90\x04", 2) + packet.substr(1, 2) + std::string("\x00\x01", 2));
        }
    }
}

}  // namespace parlor::test
