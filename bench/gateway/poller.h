#pragma once

// The load generator's event loop: bare epoll, because it shares the machine with what it measures.
// Everything here belongs to one thread.

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace parlor::bench {

using Clock = std::chrono::steady_clock;

// A file descriptor that is closed with its owner.
class Fd {
 public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    ~Fd() { reset(); }
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    int get() const { return fd_; }
    void reset();

 private:
    int fd_ = -1;
};

// Whoever waits for a descriptor. Must outlive it or close it.
class Pollable {
 public:
    virtual ~Pollable() = default;
    // Its descriptor is readable, or at its end.
    virtual void onReadable() = 0;
};

class Poller {
 public:
    Poller();
    // Level-triggered, for reading; closing the descriptor takes it out.
    void add(int fd, Pollable& owner);
    // Waits for something to read, at most until `end`, and tells the owners.
    void runOnce(Clock::time_point end);
    // Readable where runOnce() has somebody to tell.
    int fd() const { return epoll_.get(); }
    // When the last wait ended: the time of whatever is handled now.
    Clock::time_point now() const { return now_; }

 private:
    const Fd epoll_;
    Clock::time_point now_ = Clock::now();
};

// Wakes its poller again and again. A later start() changes the interval.
class Ticker : public Pollable {
 public:
    explicit Ticker(Poller& poller);
    void start(std::chrono::nanoseconds interval);
    void stop();
    void onReadable() override;

 private:
    Fd timer_;
};

// Connects, waiting at most 10 s; the socket does not block afterwards and has TCP_NODELAY. Throws
// std::system_error.
Fd connectTo(const std::string& address);

// Writes all of it. What the generator sends is far smaller than a socket's buffer, so that a write
// which would block is an error: throws std::system_error.
void sendAll(int fd, std::string_view bytes);

// Raises the limit of open files to the most that is allowed; what is started later inherits it.
void raiseFileLimit();

}  // namespace parlor::bench
