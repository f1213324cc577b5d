#pragma once

#include <optional>

#include "bus/bus.h"

namespace parlor::bus {

// Wakes the one thread that waits for it and for a socket.
class Doorbell {
 public:
    struct Ready {
        bool readable = false;
        bool writable = false;
    };

    Doorbell();  // throws std::system_error
    ~Doorbell();
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;

    // Any thread.
    void ring();
    // Waits for the bell or the socket (-1: none), at most until `limit` (nothing: without limit).
    Ready wait(int socket, bool toWrite, std::optional<Deadline> limit);

 private:
    const int fd_;  // an eventfd
};

}  // namespace parlor::bus
