#pragma once

// Two things that Paho C 1.3.12 leaves undone and offers no call for, done from outside.

#include <MQTTAsync.h>

#include <string>

namespace parlor::bus::paho {

// Turns Nagle's algorithm off on every TCP connection of this process to `server`'s port ("tcp://
// host:port"): one that Paho made is among them. Without that, an acknowledgement that Paho has
// just written holds back the next publication until the broker's TCP acknowledges it, up to 40 ms
// later. Harmless for other connections to that port.
void sendWithoutDelay(const std::string& server);

// Wakes Paho's sending thread. It can miss the signal that there is something to send, and is not
// signalled at all when a full socket can be written again; it then sleeps for up to a second.
//
// What wakes it, by Paho's public interface, is a new command in its queue: a publication of a
// client that is never connected, which takes the place of the one before.
class Waker {
 public:
    Waker();  // throws std::runtime_error
    ~Waker();
    Waker(const Waker&) = delete;
    Waker& operator=(const Waker&) = delete;

    void wake();

 private:
    MQTTAsync client_ = nullptr;
};

}  // namespace parlor::bus::paho
