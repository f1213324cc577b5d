#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/security/raw_client.h"

namespace parlor::test {

// The other end of one bridge, as a broker that was taken over would play it: it lets the bridge
// in, grants its subscriptions, and then sends whatever it is told to. Every wait ends after 20 s,
// by throwing std::runtime_error. Not thread-safe.
class FakeBroker {
 public:
    FakeBroker();  // listens on a free port of 127.0.0.1
    ~FakeBroker();
    FakeBroker(const FakeBroker&) = delete;
    FakeBroker& operator=(const FakeBroker&) = delete;

    std::uint16_t port() const { return port_; }
    // Waits until the bridge has connected and subscribed.
    void awaitBridge();
    // Sends one message into the bridge and waits until it is acknowledged. The packets that come
    // meanwhile are dropped.
    void publish(const RawClient::Message& message);

 private:
    std::string readPacket();  // the first byte, then the body
    void write(const std::string& bytes);

    int listener_ = -1;
    int bridge_ = -1;
    std::uint16_t port_ = 0;
    std::uint16_t lastPacketId_ = 0;
};

}  // namespace parlor::test
