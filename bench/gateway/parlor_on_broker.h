#pragma once

// Several gateways on one Mosquitto, and a stand-in for the ledger that publishes (events.cpp).

#include <memory>
#include <string>
#include <vector>

#include "bench/gateway/daemon.h"
#include "bench/gateway/peers.h"

namespace parlor::bench {

class ParlorOnBroker : public Peer {
 public:
    ParlorOnBroker(const Setup& setup, std::size_t replicas);

    // Subscribers at all replicas in turn; CPU and memory of all processes.
    std::vector<std::string> loadArguments(std::size_t subscribers) override;
    // Subscribers at one replica; its CPU and memory alone.
    std::vector<std::string> loadArguments(std::size_t replica, std::size_t subscribers);

    std::size_t replicas() const { return gateways_.size(); }
    const Daemon& gateway(std::size_t replica) const { return *gateways_[replica]; }
    const Daemon& broker() const { return broker_; }
    const Daemon& events() const { return events_; }

 private:
    Daemon makeBroker() const;
    Daemon makeEvents(const Setup& setup) const;
    std::unique_ptr<Daemon> makeGateway(const Setup& setup, const std::string& name) const;
    // What both kinds of load have in common.
    std::vector<std::string> arguments(const std::string& channels, std::size_t subscribers) const;

    const test::TempDir dir_;
    const std::string keys_;
    Daemon broker_;
    Daemon events_;
    std::vector<std::unique_ptr<Daemon>> gateways_;
};

// Writes the token keys that all of a peer's processes use; gives the file's name.
std::string writeKeys(const test::TempDir& dir);

// Asks a publish server for channels and writes them to a file, as parlor-bench-push reads it.
// Throws std::runtime_error or boost::system::system_error.
void openChannels(const std::string& publisher, std::size_t count, const std::string& file);

// The body of GET `target`. Throws as openChannels().
std::string fetch(const std::string& address, const std::string& target);

}  // namespace parlor::bench
