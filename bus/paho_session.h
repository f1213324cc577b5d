#pragma once

#include <mqtt/async_client.h>

#include "bus/paho_socket.h"
#include "bus/session.h"

namespace parlor::bus::paho {

// A session over Paho. Paho's own rules, as found in Paho C 1.3.12: its two threads serve all
// clients of the process and call back with Paho's global lock held; destroying a client waits for
// a callback under way; when it is the last of the process, for the threads' end as well (about a
// second).
class PahoSession final : public client::Session, private mqtt::iaction_listener {
 public:
    PahoSession(const MqttOptions& options, const std::string& server, std::uint64_t number,
                client::SessionSink& sink);
    ~PahoSession() override;

    void connect(const MqttOptions& options) override;
    Expected<Sent> publish(std::uint64_t id, const Message& message) override;
    Expected<void> subscribe(std::uint64_t id, std::span<const std::string> filters,
                             Qos qos) override;
    Expected<void> unsubscribe(std::uint64_t id, std::span<const std::string> filters) override;
    bool disconnect() override;
    bool needsNudges() const override { return true; }
    void nudge() override { waker_.wake(); }
    void established() override { sendWithoutDelay(server()); }

 private:
    void on_success(const mqtt::token& token) override;
    void on_failure(const mqtt::token& token) override;
    void tell(client::SessionEvent event) { sink_.onSession(number(), std::move(event)); }

    client::SessionSink& sink_;
    Waker waker_;
    mqtt::async_client client_;  // last: its end may call back
};

}  // namespace parlor::bus::paho
