#pragma once

// The port to the MQTT broker. Two adapters: PahoBus (a real broker) and MemoryBus (in this
// process, same semantics; see bus/memory_bus.h). Topics and filters come from proto/topics.h,
// never from here.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proto/errors.h"

namespace parlor::bus {

enum class Qos : std::uint8_t { atMostOnce = 0, atLeastOnce = 1 };

// An MQTT 5 application message (section 3.3), as far as Parlor uses it.
struct Message {
    std::string topic;
    std::string payload;  // empty and `retain`: clears the retained message
    Qos qos = Qos::atLeastOnce;
    bool retain = false;             // received: true where it was sent because of a subscription
    std::chrono::seconds expiry{0};  // 0: never
    std::string responseTopic;       // empty: none
    std::string correlationData;     // empty: none
    std::vector<std::pair<std::string, std::string>> userProperties;
};

enum class State {
    disconnected,  // not connected; the adapter keeps trying
    connected,     // connected, and every filter subscribed before is subscribed again
};

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

// Called with success, or with: unavailable (connection lost before the broker confirmed: the
// outcome is not known), deadline, overloaded (the publish queue is full; nothing was sent),
// forbidden (the broker refused), malformed, tooLarge, or unavailable after stop(): then at once,
// on the caller's thread. An operation that waits for a connection in vain ends with unavailable at
// its deadline.
using DoneHandler = std::function<void(Expected<void>)>;

struct Handlers {
    std::function<void(Message&&)>
        onMessage;                       // every message of every filter, in the broker's order
    std::function<void(State)> onState;  // every change, the first connect included
    // Each failed attempt to connect, the adapter trying on: forbidden (the broker refused the
    // name or the password) or unavailable (nobody answered there). May be null.
    std::function<void(const Error&)> onConnectFailed = {};
};

// One client of the broker.
//
// Threads: every method may be called from any thread, handlers included, and returns without
// waiting (but for stop). Handlers and done-handlers run on the adapter's own thread, one at a time
// per Bus: they must not block, and hop to their owner before touching its data. An exception must
// not leave them.
//
// Subscriptions survive a lost connection: the adapter subscribes again before it reports
// `connected`. Retained messages of a filter may arrive before its done-handler runs, never before
// subscribe() is called. Overlapping filters may deliver a message more than once.
class Bus {
 public:
    virtual ~Bus() = default;

    // Starts connecting, and keeps at it with full-jitter backoff until stop(). Call once.
    virtual void start(Handlers handlers) = 0;

    // Disconnects; the will is not sent. Fails what is pending. When it returns no handler runs or
    // will run again. Idempotent. Must not be called from a handler. Waits at most until `deadline`
    // for publications under way.
    virtual void stop(Deadline deadline) = 0;

    // QoS 1: done when the broker has acknowledged; QoS 0: when handed to the connection. `done`
    // may be null. At most publishWindow publications are in flight; the rest wait in a bounded
    // queue.
    virtual void publish(Message message, DoneHandler done, Deadline deadline) = 0;

    // Done when the broker granted all of them. A filter that is refused fails the call and is not
    // kept. Subscribing again to a filter that is kept is allowed and sends its retained messages
    // again.
    virtual void subscribe(std::vector<std::string> filters, Qos qos, DoneHandler done,
                           Deadline deadline) = 0;

    // Filters that are not kept are ignored. Without a connection it is done at once.
    virtual void unsubscribe(std::vector<std::string> filters, DoneHandler done,
                             Deadline deadline) = 0;
};

}  // namespace parlor::bus
