#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.h"

namespace parlor::bus {

// How a process reaches its broker.
struct MqttOptions {
    std::vector<std::string> servers;  // "tcp://host:port" or "ssl://host:port"; tried in turn
    std::string clientId;              // at most 64 characters; unique in the broker
    std::string username;
    std::string password;
    std::string caFile;           // for ssl://; empty: the system's store
    std::string certificateFile;  // client certificate, PEM; empty: none
    std::string keyFile;
    std::optional<Message> will;
    std::chrono::seconds keepAlive{20};
    std::chrono::milliseconds connectTimeout{5000};
    std::chrono::milliseconds backoffMin{100};  // full jitter: uniform in 0 … min(max, min × 2^n)
    std::chrono::milliseconds backoffMax{10000};
    std::size_t publishWindow = 512;   // QoS 1 publications in flight
    std::size_t publishQueue = 65536;  // waiting behind them; past that: Errc::overloaded
};

}  // namespace parlor::bus
