#pragma once

// One connection to one server, from the attempt to its end. A new attempt is a new session, so
// nothing of an old one can be mistaken for it.

#include <mqtt/async_client.h>

#include <span>
#include <variant>

#include "bus/paho_bus.h"

namespace parlor::bus::paho {

// What a session tells its owner.
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
    // One a filter, in their order. A SUBACK that refuses the first filter has only that one here:
    // Paho C++ 1.2.0 does not give away the others then.
    std::vector<int> reasons;
};
struct Disconnected {};
using SessionEvent = std::variant<Connected, Broken, Arrived, Published, Granted, Disconnected>;

inline constexpr int kNoAnswer = -1;

// Takes events on Paho's threads, while Paho holds its lock: must only note them.
class SessionSink {
 public:
    virtual void onSession(std::uint64_t session, SessionEvent event) = 0;

 protected:
    ~SessionSink() = default;
};

// Belongs to its owner's thread, which must not hold a lock that the sink takes. Paho's own rules,
// as found in Paho C 1.3.12: its two threads serve all clients of the process and call back with
// Paho's global lock held; destroying a client waits for a callback under way; when it is the last
// of the process, for the threads' end as well (about a second).
class Session final : private mqtt::iaction_listener {
 public:
    Session(const PahoOptions& options, const std::string& server, std::uint64_t number,
            SessionSink& sink);
    ~Session() override;

    std::uint64_t number() const { return number_; }
    const std::string& server() const { return server_; }

    // Ends in Connected or Broken. The options' own time limit is not kept here.
    void connect(const PahoOptions& options);

    // Ends in Published. An error: nothing was sent; Errc::unavailable: the connection is gone.
    Expected<void> publish(std::uint64_t id, const Message& message);
    // Ends in Granted, or Broken. An error as for publish().
    Expected<void> subscribe(std::uint64_t id, std::span<const std::string> filters, Qos qos);
    Expected<void> unsubscribe(std::uint64_t id, std::span<const std::string> filters);
    // Ends in Disconnected. False where there is no connection.
    bool disconnect();

 private:
    void on_success(const mqtt::token& token) override;
    void on_failure(const mqtt::token& token) override;
    void tell(SessionEvent event) { sink_.onSession(number_, std::move(event)); }

    const std::string server_;
    const std::uint64_t number_;
    SessionSink& sink_;
    mqtt::async_client client_;  // last: its end may call back
};

}  // namespace parlor::bus::paho
