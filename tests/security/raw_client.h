#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parlor::test {

// MQTT 5 reason codes that the tests name (MQTT 5, section 2.4), and one of our own.
namespace reason {
inline constexpr int kSuccess = 0x00;
inline constexpr int kGrantedQos1 = 0x01;
inline constexpr int kNoMatchingSubscribers = 0x10;
inline constexpr int kNotAuthorized = 0x87;
inline constexpr int kTakenOver = 0x8e;
inline constexpr int kPacketTooLarge = 0x95;
inline constexpr int kAdministrativeAction = 0x98;
inline constexpr int kClosed = -1;  // the broker closed the connection without a word
}  // namespace reason

// An MQTT 5 client that sends what it is told to, right or wrong, and shows what the broker
// answers: no library stands between that would keep it from misbehaving. Every wait ends after 10
// s, by throwing std::runtime_error. Not thread-safe.
class RawClient {
 public:
    struct Message {
        std::string topic;
        std::string payload = {};
        int qos = 1;
        bool retain = false;
        std::optional<std::uint32_t> expiry = {};  // seconds
        std::string responseTopic = {};
        std::string correlationData = {};
        std::optional<std::uint16_t> topicAlias = {};
    };
    struct Account {
        std::string username;
        std::string password;
        std::string clientId = {};  // empty: the broker makes one
        std::optional<Message> will = {};
        bool anonymous = false;  // neither username nor password is sent
    };

    // Connects to 127.0.0.1 by TCP only.
    explicit RawClient(std::uint16_t port);
    // Also by MQTT; throws where the broker does not accept the account.
    RawClient(std::uint16_t port, const Account& account);
    ~RawClient();
    RawClient(RawClient&& other) noexcept;
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    // The reason code of the broker's answer to each; kClosed where it closed the connection, the
    // reason of its DISCONNECT where it sent one.
    int connect(const Account& account);
    int subscribe(const std::string& filter, int qos = 1);
    int publish(const Message& message);

    // Without waiting for an answer.
    void send(const Message& message);
    void sendBytes(std::string_view bytes);
    // Closes the connection without DISCONNECT: the will is due.
    void drop();

    // Everything the broker had sent to this client when it answers a ping. What another client's
    // publication brought is among it, once that publication was acknowledged.
    std::vector<Message> received();
    // The next message.
    Message next();
    // Waits until the broker closes the connection; its reason, or kClosed.
    int awaitEnd();

    // False: messages that come are not acknowledged.
    bool acknowledges = true;

 private:
    struct Packet {
        std::uint8_t header;
        std::string body;
    };
    // Nothing where the connection is closed.
    std::optional<Packet> readPacket();
    // Reads until a packet of this type; messages on the way are kept.
    std::optional<Packet> await(std::uint8_t type);
    bool readBytes(char* to, std::size_t size);
    void keep(const Packet& packet);
    int ended() const { return endReason_.value_or(reason::kClosed); }

    int fd_ = -1;
    std::uint16_t lastPacketId_ = 0;
    std::vector<Message> kept_;
    std::optional<int> endReason_;
};

// The bytes of a whole PUBLISH packet, for those who want to damage one.
std::string publishPacket(const RawClient::Message& message, std::uint16_t packetId);

}  // namespace parlor::test
