#pragma once

// A replica in miniature: one thread, one io_context, one bus client, its own mailboxes, pending
// receipts and token cache. A process is N of them.
//
// Shards share nothing that changes, so no event crosses a core or takes a lock on its way. Which
// shard a connection lands on does not matter, for the reason that it does not matter which replica
// it lands on: a conversation's order and its receipts come from the ledger, through the bus, to
// whoever subscribed. What makes replicas correct makes cores correct.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "gateway/config.h"
#include "gateway/edge/listener.h"
#include "gateway/edge/services.h"

namespace parlor::gateway {

class Shard {
 public:
    // What all shards are told of their process.
    struct Process {
        std::function<std::string()> notReady;
        std::function<std::string()> metrics;
        std::function<void(const std::string&)> log;
        const TlsContext* tls;  // null: nothing listens for TLS
        Endpoint tlsEndpoint;
    };

    // `files` and what `process` points to outlive the shard.
    Shard(const Config& config, const StaticFiles& files, ClientId client,
          std::unique_ptr<bus::DrivenBus> bus, const Endpoint& endpoint, Process process);
    ~Shard();

    // Starts the thread.
    void start();
    // Ends politely: no new connections, polls and sockets are sent away. Any thread. `done` is
    // called on the shard's thread once nothing is left.
    void drain(std::function<void()> done);
    // Ends now and joins the thread. Not from the shard's thread.
    void stop();

    const Stats& stats() const { return stats_; }
    const ClientId& client() const { return client_; }

 private:
    void run();
    void onMessage(bus::Message&& message);
    void noteTrace(const topics::SharedLog& topic, const bus::Message& message);
    void onState(bus::State state);
    void subscribeReplies();
    void tick();
    void stopListening();
    void checkDrained();
    void abortConnections();

    const ClientId client_;
    const Process process_;
    Stats stats_;
    asio::io_context io_;
    DateLine date_;
    TimerWheel wheel_;
    ShardBus bus_;
    ReplyRouter replies_;
    RpcClient rpc_;
    PostBroker posts_;
    MailboxHub hub_;
    Tokens tokens_;
    SignalSender signals_;
    RateLimiter opens_;
    VisitorLimiter postRates_;
    VisitorLimiter typing_;
    VisitorLimiter transcripts_;
    Connections connections_;
    ConnectionLimits limits_;
    Services services_;
    Listener listener_;
    std::unique_ptr<Listener> tlsListener_;  // null: none
    asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> ticker_;
    Timer busPatience_;  // how long sockets wait for the broker
    Timer replyRetry_;   // of the reply topic's subscription
    std::function<void()> drained_;
    std::thread thread_;
};

}  // namespace parlor::gateway
