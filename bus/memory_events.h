#pragma once

// What clients and their owners ask of a MemoryBroker's thread.

#include <atomic>
#include <cstddef>
#include <future>
#include <map>
#include <variant>

#include "bus/bus.h"

namespace parlor::bus::memory {

// One client as the broker sees it.
struct Client {
    Client(std::string clientId, std::optional<Message> lastWill)
        : id(std::move(clientId)), will(std::move(lastWill)) {}

    // Takes a place among the publications that wait, unless all are taken; each is given back when
    // its publication is over.
    bool reserve() { return ++waiting <= kMaxWaiting || (release(), false); }
    void release() { --waiting; }

    static constexpr std::size_t kMaxWaiting = 65536;  // as MqttOptions::publishQueue

    const std::string id;
    const std::optional<Message> will;
    std::atomic<std::size_t> waiting{0};  // any thread

    // The rest belongs to the broker's thread.
    Handlers handlers;
    std::map<std::string, Qos, std::less<>> kept;  // filters, as granted
    bool started = false;                          // and has not left
    bool connected = false;
};
using ClientPtr = std::shared_ptr<Client>;

// Operations of a client; they wait where it is not connected.
struct Publish {
    Message message;
    DoneHandler done;
};
struct Subscribe {
    std::vector<std::string> filters;
    Qos qos;
    DoneHandler done;
};
struct Unsubscribe {
    std::vector<std::string> filters;
    DoneHandler done;
};
using Operation = std::variant<Publish, Subscribe, Unsubscribe>;

inline void finish(DoneHandler& done, const Expected<void>& result) {
    if (done) std::exchange(done, nullptr)(result);
}
inline DoneHandler& doneOf(Operation& operation) {
    return std::visit([](auto& each) -> DoneHandler& { return each.done; }, operation);
}

struct Request {
    ClientPtr client;
    Operation operation;
    Deadline deadline;
};
struct Refused {
    DoneHandler done;
    Error error;
};
struct Start {
    ClientPtr client;
    Handlers handlers;
};
struct Leave {
    ClientPtr client;
    bool sendWill;
    std::promise<void> left;
};
struct Cut {};
struct Restore {};
struct DropRetained {};
struct Drain {
    std::promise<void> drained;
};
struct CountRetained {
    std::promise<std::size_t> count;
};
struct Quit {};

using Event = std::variant<Request, Refused, Start, Leave, Cut, Restore, DropRetained, Drain,
                           CountRetained, Quit>;

}  // namespace parlor::bus::memory
