#pragma once

#include <optional>

#include "bus/bus.h"

namespace parlor::bus {

// A client of the broker without a thread of its own: its owner's loop works it.
//
// Threads: what Bus offers may be called from any thread, but for stop(); the rest, stop() and the
// destructor belong to the owner's thread. Handlers run on that thread, inside turn() and stop().
class DrivenBus : public Bus {
 public:
    // Call once, before anything else. `wake` is called, on any thread, when turn() has something
    // to do at once; it must not call back.
    virtual void drive(std::function<void()> wake) = 0;

    // The socket to wait for; -1: none. It may be another one, of the same number, when
    // `connection` is another.
    struct Socket {
        int fd = -1;
        std::uint64_t connection = 0;
        bool operator==(const Socket&) const = default;
    };
    virtual Socket socket() const = 0;
    virtual bool wantsToWrite() const = 0;
    // When turn() is to be called at the latest; nothing: not before it is woken.
    virtual std::optional<Deadline> nextTurn() const = 0;
    // Does what there is to do, without waiting.
    virtual void turn(bool readable, bool writable) = 0;

    // stop() for an owner that goes on calling turn() until ended().
    virtual void beginStop(Deadline deadline) = 0;
    virtual bool ended() const = 0;

    void stop(Deadline deadline) final;
};

// On a thread of its own.
std::unique_ptr<Bus> makeThreaded(std::unique_ptr<DrivenBus> bus);

}  // namespace parlor::bus
