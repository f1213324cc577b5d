#pragma once

// Publishes by HTTP over a fixed number of keep-alive connections, one request in flight on each.

#include <deque>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "bench/gateway/dialect.h"
#include "bench/gateway/poller.h"

namespace parlor::bench {

class Publisher {
 public:
    struct Options {
        std::vector<std::string> addresses;  // the connections take turns
        std::size_t connections = 64;
        std::size_t textBytes = 200;
    };

    // `poller`, `dialect` and `channels` must outlive it. Throws std::system_error.
    Publisher(Poller& poller, const Dialect& dialect, std::span<const Channel> channels,
              Options options);
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    // Publishes a message that was due at `due` to some channel, now or as soon as a connection is
    // free.
    void publish(Clock::time_point due);
    // Messages given to publish() so far, and those that the server refused.
    std::size_t published() const { return published_; }
    std::size_t refused() const { return refused_; }

 private:
    class Connection;

    void send(Connection& connection, Clock::time_point due);
    void onAnswer(Connection& connection, unsigned status);

    Poller& poller_;
    const Dialect& dialect_;
    const std::span<const Channel> channels_;
    const Options options_;
    std::minstd_rand random_{1};  // the same channels in each run
    std::vector<std::unique_ptr<Connection>> connections_;
    std::deque<Connection*> idle_;  // in turn, so that all of a server's workers are used
    std::deque<Clock::time_point> waiting_;
    std::string request_;
    std::size_t published_ = 0;
    std::size_t refused_ = 0;
};

}  // namespace parlor::bench
