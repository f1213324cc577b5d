#pragma once

// One connection to one server, from the attempt to its end. A new attempt is a new session, so
// nothing of an old one can be mistaken for it.

#include <span>
#include <variant>
#include <vector>

#include "bus/mqtt_options.h"

namespace parlor::bus::client {

// What a session tells its owner.
struct Attempted {  // the server's name has been looked up, and the connection begun
    Expected<void> result;
};
struct Connected {
    std::size_t receiveMaximum;  // QoS 1 publications that the broker takes at a time
    std::size_t maximumPacket;   // bytes
};
struct Broken {  // could not connect, or the connection was lost
    Error why;   // forbidden: the broker refused the client; unavailable
};
struct Arrived {
    Message message;
};
struct Published {
    std::uint64_t id;
    int reason;  // MQTT 5 reason code; kNoAnswer where the connection ended first
};
struct Granted {  // SUBACK or UNSUBACK
    std::uint64_t id;
    // One a filter, in their order. Fewer where the library does not give away all of them; the
    // first is there.
    std::vector<int> reasons;
};
struct Disconnected {};
using SessionEvent =
    std::variant<Attempted, Connected, Broken, Arrived, Published, Granted, Disconnected>;

inline constexpr int kNoAnswer = -1;

// Takes events on a library's threads, while it may hold its locks: must only note them.
class SessionSink {
 public:
    virtual void onSession(std::uint64_t session, SessionEvent event) = 0;

 protected:
    ~SessionSink() = default;
};

// Belongs to its owner's thread, which must not hold a lock that the sink takes.
class Session {
 public:
    explicit Session(std::string server, std::uint64_t number)
        : server_(std::move(server)), number_(number) {}
    virtual ~Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    std::uint64_t number() const { return number_; }
    const std::string& server() const { return server_; }

    // Ends in Connected or Broken. The options' own time limit is not kept here.
    virtual void connect(const MqttOptions& options) = 0;
    // The owner has taken note of Attempted.
    virtual void attempted(const Attempted& /*attempt*/) {}
    // awaited: ends in Published; over: handed to the connection, and that is all that will be
    // known. An error: nothing was sent; Errc::unavailable: the connection is gone.
    enum class Sent { awaited, over };
    virtual Expected<Sent> publish(std::uint64_t id, const Message& message) = 0;
    // Ends in Granted, or Broken. An error as for publish().
    virtual Expected<void> subscribe(std::uint64_t id, std::span<const std::string> filters,
                                     Qos qos) = 0;
    virtual Expected<void> unsubscribe(std::uint64_t id, std::span<const std::string> filters) = 0;
    // Ends in Disconnected. False where there is no connection.
    virtual bool disconnect() = 0;

    // --- for a library whose connection the owner's thread works
    // ----------------------------------

    // The socket to wait for; -1: none, events come through the sink.
    virtual int socket() const { return -1; }
    virtual bool wantsToWrite() const { return false; }
    // When turn() wants to be called at the latest.
    virtual std::optional<Deadline> nextTurn() const { return {}; }
    // Reads and writes what can be, and appends what came of it.
    virtual void turn(bool /*readable*/, bool /*writable*/, std::vector<SessionEvent>& /*out*/) {}
    // The owner is about to call, and has called, publish() and others in a row.
    virtual void beginCalls() {}
    virtual void endCalls() {}

    // --- for a library with threads of its own
    // ----------------------------------------------------

    // Whether answers may fail to come unless nudge() is called.
    virtual bool needsNudges() const { return false; }
    virtual void nudge() {}
    // The owner has taken note of Connected.
    virtual void established() {}

 private:
    const std::string server_;
    const std::uint64_t number_;
};

}  // namespace parlor::bus::client
