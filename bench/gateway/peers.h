#pragma once

// The servers that are put side by side, each started afresh for every measurement, on free ports
// of 127.0.0.1 and with its files in a temporary directory.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace parlor::bench {

// What peers are started with.
struct Setup {
    std::string programs;  // the folder of this bench's own programs
    std::string gateway;   // parlor-gateway
    unsigned workers;      // threads, or worker processes, of a server that stands alone
};

// Stops what it started when it goes. One thread.
class Peer {
 public:
    virtual ~Peer() = default;
    // What parlor-bench-push is to be told to load it with so many subscribers: dialect, addresses,
    // processes, channels. Opens the channels where that is needed. Throws std::runtime_error.
    virtual std::vector<std::string> loadArguments(std::size_t subscribers) = 0;
};

struct PeerKind {
    std::string name;
    std::function<std::unique_ptr<Peer>(const Setup&)> start;  // throws std::runtime_error
};

// The gateway on its in-process bus, with HTTP to publish by (host.cpp).
PeerKind parlorInProcess();
// `replicas` gateways on one Mosquitto, with HTTP to publish by (events.cpp).
PeerKind parlorOnBroker(std::size_t replicas);
// nginx with Nchan: one server that keeps messages in its memory.
PeerKind nchanInMemory();
// `replicas` of them that share a Redis.
PeerKind nchanOnRedis(std::size_t replicas);
// The least a server can do (epoll_limit.cpp).
PeerKind epollLimit();

}  // namespace parlor::bench
