#include "bus/paho_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace parlor::bus::paho {
namespace {

template <class Number>
Number number(std::string_view text) {
    Number value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// The port of the other end; 0 where `fd` is no TCP connection.
std::uint16_t peerPort(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    if (address.ss_family == AF_INET) {
        return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
    }
    if (address.ss_family == AF_INET6) {
        return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
    }
    return 0;
}

}  // namespace

void sendWithoutDelay(const std::string& server) {
    const auto port = number<std::uint16_t>(std::string_view(server).substr(server.rfind(':') + 1));
    if (port == 0) return;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
        const int fd = number<int>(entry.path().filename().string());
        if (peerPort(fd) != port) continue;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
}

Waker::Waker() {
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    options.sendWhileDisconnected = 1;
    options.allowDisconnectedSendAtAnyTime = 1;
    options.maxBufferedMessages = 1;
    options.deleteOldestMessages = 1;
    const int result = MQTTAsync_createWithOptions(&client_, "tcp://127.0.0.1:1", "waker",
                                                   MQTTCLIENT_PERSISTENCE_NONE, nullptr, &options);
    if (result != MQTTASYNC_SUCCESS) throw std::runtime_error("cannot set up Paho's waker");
}

Waker::~Waker() { MQTTAsync_destroy(&client_); }

void Waker::wake() { MQTTAsync_send(client_, "wake", 0, "", 0, 0, nullptr); }

}  // namespace parlor::bus::paho
