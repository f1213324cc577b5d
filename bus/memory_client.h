#pragma once

// One client of a MemoryBroker: how the broker sees it, what it may ask and what it is told.

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include "bus/bus.h"

namespace parlor::bus::memory {

inline void finish(DoneHandler& done, const Expected<void>& result) {
    if (done) std::exchange(done, nullptr)(result);
}

// What handlers are called for, in this order.
struct Done {
    DoneHandler handler;
    Expected<void> result;
};
using Report = std::variant<Message, State, Done>;

struct Client {
    Client(std::string clientId, std::optional<Message> lastWill)
        : id(std::move(clientId)), will(std::move(lastWill)) {}

    // Takes a place among the publications that wait, unless all are taken; each is given back when
    // its publication is over.
    bool reserve() { return ++waiting <= kMaxWaiting || (release(), false); }
    void release() { --waiting; }

    // Runs on the thread of the client's handlers.
    void handle(Report& report) {
        if (auto* message = std::get_if<Message>(&report)) {
            if (handlers.onMessage) handlers.onMessage(std::move(*message));
        } else if (const auto* state = std::get_if<State>(&report)) {
            if (handlers.onState) handlers.onState(*state);
        } else {
            auto& done = std::get<Done>(report);
            finish(done.handler, done.result);
        }
    }

    static constexpr std::size_t kMaxWaiting = 65536;  // as MqttOptions::publishQueue

    const std::string id;
    const std::optional<Message> will;
    // Any thread: has the report handled later.
    std::function<void(Report&&)> tell;  // constant once the broker knows the client
    Handlers handlers;                   // constant after start
    std::atomic<std::size_t> waiting{0};

    // The rest is guarded by the broker's mutex.
    std::map<std::string, Qos, std::less<>> kept;  // filters, as granted
    bool started = false;
    bool connected = false;
    bool left = false;
};
using ClientPtr = std::shared_ptr<Client>;

// Operations; they wait where the client is not connected.
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

inline DoneHandler& doneOf(Operation& operation) {
    return std::visit([](auto& each) -> DoneHandler& { return each.done; }, operation);
}

struct Request {
    ClientPtr client;
    Operation operation;
    Deadline deadline;
};

}  // namespace parlor::bus::memory
