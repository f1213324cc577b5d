#pragma once

#include <mosquitto.h>

#include <memory>
#include <mutex>
#include <unordered_map>

#include "bus/session.h"

namespace parlor::bus::mosquitto {

// A session over libmosquitto 2.0, whose connection the owner's thread reads and writes. A server
// that is not given as an IP address is looked up on a thread of its own, because that may take
// seconds.
//
// Packets that are written in a row leave together (TCP_CORK, tcp(7)): the acknowledgements of all
// that one turn() reads, and what is published between beginCalls() and endCalls().
class MosquittoSession final : public client::Session {
 public:
    // Throws std::runtime_error where the library gives no client.
    MosquittoSession(const MqttOptions& options, const std::string& server, std::uint64_t number,
                     client::SessionSink& sink);

    ~MosquittoSession() override;

    void connect(const MqttOptions& options) override;
    void attempted(const client::Attempted& attempt) override;
    Expected<Sent> publish(std::uint64_t id, const Message& message) override;
    Expected<void> subscribe(std::uint64_t id, std::span<const std::string> filters,
                             Qos qos) override;
    Expected<void> unsubscribe(std::uint64_t id, std::span<const std::string> filters) override;
    bool disconnect() override;
    int socket() const override;
    bool wantsToWrite() const override;
    std::optional<Deadline> nextTurn() const override { return nextTurn_; }
    void turn(bool readable, bool writable, std::vector<client::SessionEvent>& out) override;
    void beginCalls() override { cork(true); }
    void endCalls() override { cork(false); }

 private:
    // Where a lookup reports to. It may outlive the session.
    struct Caller {
        std::mutex mutex;
        client::SessionSink* sink;  // mutex; null once the session is gone
    };
    struct Asked {
        std::uint64_t id;
        std::size_t filters;
    };

    static MosquittoSession& self(void* object) { return *static_cast<MosquittoSession*>(object); }
    static void onConnect(::mosquitto*, void* object, int reason, int flags,
                          const mosquitto_property* properties);
    static void onDisconnect(::mosquitto*, void* object, int reason,
                             const mosquitto_property* properties);
    static void onMessage(::mosquitto*, void* object, const mosquitto_message* message,
                          const mosquitto_property* properties);
    static void onPublish(::mosquitto*, void* object, int packet, int reason,
                          const mosquitto_property* properties);
    static void onSubscribe(::mosquitto*, void* object, int packet, int count, const int* granted,
                            const mosquitto_property* properties);
    static void onUnsubscribe(::mosquitto*, void* object, int packet,
                              const mosquitto_property* properties);

    Expected<void> check(int called);
    void lost(const Error& why);
    void configure(const MqttOptions& options);
    void tell(client::SessionEvent event) { events_.push_back(std::move(event)); }
    void readAll();
    void cork(bool on);

    std::unordered_map<int, std::uint64_t> published_;  // QoS 1, by packet id
    std::unordered_map<int, Asked> asked_;              // SUBSCRIBE, UNSUBSCRIBE
    std::vector<client::SessionEvent> events_;          // not yet told
    std::optional<Deadline> nextTurn_;
    bool over_ = false;  // Broken or Disconnected has been told
    bool corked_ = false;
    bool lookingUp_ = false;  // client_ is the other thread's
    const std::shared_ptr<Caller> caller_;
    std::shared_ptr<::mosquitto> client_;  // last: its end may call back
};

}  // namespace parlor::bus::mosquitto
