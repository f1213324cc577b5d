#include "tests/security/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace parlor::test {
namespace {

constexpr int kLimitMs = 10'000;

// Packet types (MQTT 5, section 2.1.2), as the upper half of the first byte.
enum : std::uint8_t {
    kConnect = 0x10,
    kConnack = 0x20,
    kPublish = 0x30,
    kPuback = 0x40,
    kSubscribe = 0x82,
    kSuback = 0x90,
    kPingreq = 0xc0,
    kPingresp = 0xd0,
    kDisconnect = 0xe0,
};
// Properties (section 2.2.2.2).
enum : std::uint8_t {
    kExpiry = 0x02,
    kResponseTopic = 0x08,
    kCorrelationData = 0x09,
    kSubscriptionId = 0x0b,
    kTopicAlias = 0x23,
    kUserProperty = 0x26,
    kPayloadFormat = 0x01,
    kContentType = 0x03,
};

char byte(std::size_t value) { return static_cast<char>(value & 0xff); }
std::string u16(std::size_t value) { return {byte(value >> 8), byte(value)}; }
std::string u32(std::uint32_t value) { return u16(value >> 16) + u16(value & 0xffff); }
std::string text(std::string_view value) { return u16(value.size()) + std::string(value); }

std::string varint(std::size_t value) {
    std::string result;
    do {
        const std::size_t low = value % 128;
        value /= 128;
        result += byte(low | (value > 0 ? 128U : 0U));
    } while (value > 0);
    return result;
}

std::string packet(std::uint8_t header, const std::string& body) {
    return byte(header) + varint(body.size()) + body;
}

std::string properties(const RawClient::Message& message) {
    std::string result;
    if (message.expiry) result += byte(kExpiry) + u32(*message.expiry);
    if (!message.responseTopic.empty())
        result += byte(kResponseTopic) + text(message.responseTopic);
    if (!message.correlationData.empty()) {
        result += byte(kCorrelationData) + text(message.correlationData);
    }
    if (message.topicAlias) result += byte(kTopicAlias) + u16(*message.topicAlias);
    return varint(result.size()) + result;
}

// Reads a packet's fields one after the other; throws where they end too early.
class Reader {
 public:
    explicit Reader(std::string_view rest) : rest_(rest) {}
    bool empty() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }
    std::string_view take(std::size_t size) {
        if (rest_.size() < size) throw std::runtime_error("the broker sent a short packet");
        const auto result = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return result;
    }
    std::uint32_t number(std::size_t size) {
        std::uint32_t result = 0;
        for (const char c : take(size)) result = result << 8 | static_cast<unsigned char>(c);
        return result;
    }
    std::string string() { return std::string(take(number(2))); }
    std::size_t variable() {
        std::size_t result = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto next = number(1);
            result |= std::size_t{next & 127} << shift;
            if (next < 128) return result;
        }
    }

 private:
    std::string_view rest_;
};

void readProperties(Reader fields, RawClient::Message& message) {
    while (!fields.empty()) {
        switch (fields.number(1)) {
            case kExpiry:
                message.expiry = fields.number(4);
                break;
            case kResponseTopic:
                message.responseTopic = fields.string();
                break;
            case kCorrelationData:
                message.correlationData = fields.string();
                break;
            case kSubscriptionId:
                fields.variable();
                break;
            case kUserProperty:
                fields.string();
                fields.string();
                break;
            case kPayloadFormat:
                fields.number(1);
                break;
            case kContentType:
                fields.string();
                break;
            default:
                throw std::runtime_error("the broker sent a property that no test expects");
        }
    }
}

std::string connectPacket(const RawClient::Account& account) {
    constexpr std::size_t kCleanStart = 0x02;
    std::size_t flags = kCleanStart;
    std::string payload = text(account.clientId);
    if (account.will) {
        flags |= 0x04U | static_cast<std::size_t>(account.will->qos) << 3 |
                 (account.will->retain ? 0x20U : 0U);
        payload += varint(0) + text(account.will->topic) + text(account.will->payload);
    }
    if (!account.anonymous) {
        flags |= 0x80U | 0x40U;
        payload += text(account.username) + text(account.password);
    }
    constexpr std::size_t kKeepAlive = 60;
    return packet(kConnect,
                  text("MQTT") + byte(5) + byte(flags) + u16(kKeepAlive) + varint(0) + payload);
}

}  // namespace

std::string publishPacket(const RawClient::Message& message, std::uint16_t packetId) {
    const auto header =
        static_cast<std::uint8_t>(kPublish | message.qos << 1 | (message.retain ? 1 : 0));
    return packet(header, text(message.topic) + (message.qos > 0 ? u16(packetId) : "") +
                              properties(message) + message.payload);
}

RawClient::RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        throw std::system_error(errno, std::generic_category(), "connect");
    }
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

RawClient::RawClient(std::uint16_t port, const Account& account) : RawClient(port) {
    const int answer = connect(account);
    if (answer != reason::kSuccess) {
        throw std::runtime_error("the broker refuses " + account.username + ": " +
                                 std::to_string(answer));
    }
}

RawClient::~RawClient() { drop(); }

RawClient::RawClient(RawClient&& other) noexcept
    : acknowledges(other.acknowledges),
      fd_(std::exchange(other.fd_, -1)),
      lastPacketId_(other.lastPacketId_),
      kept_(std::move(other.kept_)),
      endReason_(other.endReason_) {}

void RawClient::drop() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void RawClient::sendBytes(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        // The broker may close the connection while we write: the answer tells.
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool RawClient::readBytes(char* to, std::size_t size) {
    while (size > 0) {
        pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
        if (::poll(&wait, 1, kLimitMs) == 0) throw std::runtime_error("the broker does not answer");
        const auto got = ::recv(fd_, to, size, 0);
        if (got <= 0) return false;
        to += got;
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

std::optional<RawClient::Packet> RawClient::readPacket() {
    Packet packet{};
    char first = 0;
    if (fd_ < 0 || !readBytes(&first, 1)) return {};
    packet.header = static_cast<std::uint8_t>(first);
    std::size_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
        char next = 0;
        if (!readBytes(&next, 1)) return {};
        size |= std::size_t{static_cast<unsigned char>(next) & 127U} << shift;
        if (static_cast<unsigned char>(next) < 128) break;
    }
    packet.body.resize(size);
    if (!readBytes(packet.body.data(), size)) return {};
    return packet;
}

std::optional<RawClient::Packet> RawClient::await(std::uint8_t type) {
    for (;;) {
        auto packet = readPacket();
        if (!packet) return {};
        if ((packet->header & 0xf0) == (type & 0xf0)) return packet;
        if ((packet->header & 0xf0) == kPublish) keep(*packet);
        if (packet->header == kDisconnect) {
            endReason_ = packet->body.empty() ? 0 : static_cast<unsigned char>(packet->body[0]);
            return {};
        }
    }
}

void RawClient::keep(const Packet& packet) {
    Reader fields(packet.body);
    Message message;
    message.qos = packet.header >> 1 & 3;
    message.retain = (packet.header & 1) != 0;
    message.topic = fields.string();
    std::string id;
    if (message.qos > 0) id = std::string(fields.take(2));
    const auto size = fields.variable();
    readProperties(Reader(fields.take(size)), message);
    message.payload = std::string(fields.rest());
    kept_.push_back(std::move(message));
    if (!id.empty() && acknowledges) sendBytes(test::packet(kPuback, id));
}

int RawClient::connect(const Account& account) {
    sendBytes(connectPacket(account));
    const auto answer = await(kConnack);
    return answer ? static_cast<unsigned char>(answer->body.at(1)) : ended();
}

int RawClient::subscribe(const std::string& filter, int qos) {
    sendBytes(packet(kSubscribe, u16(++lastPacketId_) + varint(0) + text(filter) +
                                     byte(static_cast<std::size_t>(qos))));
    const auto answer = await(kSuback);
    return answer ? static_cast<unsigned char>(answer->body.back()) : ended();
}

void RawClient::send(const Message& message) {
    sendBytes(publishPacket(message, message.qos > 0 ? ++lastPacketId_ : std::uint16_t{0}));
}

int RawClient::publish(const Message& message) {
    send(message);
    const auto answer = await(kPuback);
    if (!answer) return ended();
    return answer->body.size() > 2 ? static_cast<unsigned char>(answer->body[2]) : reason::kSuccess;
}

std::vector<RawClient::Message> RawClient::received() {
    sendBytes(packet(kPingreq, ""));
    if (!await(kPingresp)) throw std::runtime_error("the broker closed the connection");
    return std::exchange(kept_, {});
}

RawClient::Message RawClient::next() {
    while (kept_.empty()) {
        const auto packet = readPacket();
        if (!packet) throw std::runtime_error("the broker closed the connection");
        if ((packet->header & 0xf0) == kPublish) keep(*packet);
    }
    Message first = std::move(kept_.front());
    kept_.erase(kept_.begin());
    return first;
}

int RawClient::awaitEnd() {
    await(0);  // no such type: reads to the end
    return ended();
}

}  // namespace parlor::test
