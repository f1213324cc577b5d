#pragma once

#include <optional>

#include "bus/bus.h"

namespace parlor::bus {

// How a process reaches its broker.
struct PahoOptions {
    std::vector<std::string> servers;  // "tcp://host:port" or "ssl://host:port"; tried in turn
    std::string clientId;              // at most 64 characters; unique in the broker
    std::string username;
    std::string password;
    std::string caFile;           // for ssl://; empty: the system's store
    std::string certificateFile;  // client certificate, PEM; empty: none
    std::string keyFile;
    std::optional<Message> will;
    std::chrono::seconds keepAlive{20};
    // Paho may take up to two seconds of it for itself where the process has other connections.
    std::chrono::milliseconds connectTimeout{5000};
    std::chrono::milliseconds backoffMin{100};  // full jitter: uniform in 0 … min(max, min × 2^n)
    std::chrono::milliseconds backoffMax{10000};
    std::size_t publishWindow = 512;   // QoS 1 publications in flight
    std::size_t publishQueue = 65536;  // waiting behind them; past that: Errc::overloaded
};

// MQTT 5 over Eclipse Paho. Clean start: what is not confirmed end to end is retried by its sender,
// so no session is kept in the broker.
//
// What was sent and not confirmed when the connection goes fails with unavailable; what was not
// sent yet waits for the next connection until its deadline. A filter that the broker forbids when
// it is subscribed again is no longer kept. The will speaks only for a process that ends without
// stop(). Throws std::invalid_argument without a server or for one that is not written as above,
// and mqtt::exception where Paho cannot be set up.
std::unique_ptr<Bus> makePahoBus(PahoOptions options);

}  // namespace parlor::bus
