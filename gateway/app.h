#pragma once

// The composition root: builds the shards and takes them down in reverse.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/config.h"
#include "gateway/shard.h"

namespace parlor::gateway {

// All methods belong to one thread, but for what says otherwise.
class App {
 public:
    using BusFactory = std::function<std::unique_ptr<bus::DrivenBus>(const ClientId&)>;
    using Log = std::function<void(const std::string&)>;  // any thread

    // Listens, but serves nobody yet. Throws boost::system::system_error (the port is taken) or
    // std::runtime_error (a file is missing), each with a sentence for people.
    App(Config config, const BusFactory& makeBus, Log log);
    // Ends whatever is still there at once.
    ~App();

    void start();
    // Stops accepting, sends polls and sockets away. `drained` is called once, on some shard's
    // thread, when nobody is left.
    void drain(std::function<void()> drained);

    const Endpoint& endpoint() const { return endpoint_; }
    const Endpoint& tlsEndpoint() const { return tlsEndpoint_; }
    // Reads certificate and token keys again, each by itself; what is wrong goes to the log, and
    // what was there stays. Every shard's next token is checked with the new keys.
    void reload();
    const Config& config() const { return config_; }
    // Why this process cannot take visitors now; empty: it can. Any thread.
    std::string notReady() const;
    std::string metrics() const;  // any thread
    std::vector<const Stats*> stats() const;

 private:
    void readAgain(const std::string& what, const std::function<void()>& read);

    const Config config_;
    TokenKeys tokenKeys_;  // config_'s
    const Log log_;
    const StaticFiles files_;
    const Endpoint endpoint_;
    const std::unique_ptr<TlsContext> tls_;  // null: none
    const Endpoint tlsEndpoint_;
    std::atomic<bool> draining_{false};
    std::atomic<std::size_t> busy_{0};  // shards that are not drained yet
    std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace parlor::gateway
