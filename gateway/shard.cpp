#include "gateway/shard.h"

#include <boost/asio/post.hpp>

#include "gateway/edge/access_log.h"
#include "gateway/edge/limits.h"
#include "proto/topics.h"
#include "proto/trace.h"

namespace parlor::gateway {
namespace {

constexpr std::chrono::seconds kSubscribeDeadline{10};
constexpr std::chrono::seconds kReplyRetry{1};
constexpr std::chrono::seconds kBusFarewell{1};

std::uint64_t randomStart() { return std::hash<Ulid>()(Ulid::generate()) << 24; }

}  // namespace

Shard::Shard(const Config& config, const StaticFiles& files, ClientId client,
             std::unique_ptr<bus::DrivenBus> bus, const Endpoint& endpoint, Process process)
    : client_(std::move(client)),
      process_(std::move(process)),
      // The scheduler is locked, because the process posts to it; sockets are only this thread's.
      io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      wheel_(&Clock::now),
      bus_(io_, std::move(bus), stats_),
      replies_(client_, stats_),
      rpc_(bus_, wheel_, replies_, stats_),
      posts_(bus_, wheel_, replies_, stats_),
      hub_(bus_, wheel_, rpc_, stats_),
      tokens_(config.tokenKeys, config.tokenLifetime, &std::chrono::system_clock::now, stats_),
      signals_(bus_, wheel_, stats_),
      opens_(config.edge.opens),
      postRates_(config.edge.posts, config.edge.postsPerAddress),
      typing_(config.edge.typing, config.edge.typingPerAddress),
      transcripts_(config.edge.transcripts, config.edge.transcriptsPerAddress),
      limits_(config.edge.maxConnections, config.edge.maxPerAddress, stats_),
      services_{.config = config.edge,
                .files = files,
                .io = io_,
                .wheel = wheel_,
                .bus = bus_,
                .hub = hub_,
                .rpc = rpc_,
                .posts = posts_,
                .tokens = tokens_,
                .signals = signals_,
                .opens = opens_,
                .postRates = postRates_,
                .typing = typing_,
                .transcripts = transcripts_,
                .stats = stats_,
                .date = date_,
                .connections = connections_,
                .limits = limits_,
                .notReady = process_.notReady,
                .metrics = process_.metrics,
                .log = process_.log,
                .nextRequestId = randomStart()},
      listener_(endpoint, services_),
      ticker_(io_.get_executor()),
      busPatience_([this] {
          for (auto it = connections_.begin(); it != connections_.end();) (it++)->onBusAway();
      }),
      replyRetry_([this] { subscribeReplies(); }) {
    if (process_.tls == nullptr) return;
    tlsListener_ = std::make_unique<Listener>(process_.tlsEndpoint, services_, process_.tls);
}

Shard::~Shard() { stop(); }

void Shard::start() {
    thread_ = std::thread([this] { run(); });
}

void Shard::run() {
    bus_.start({.onMessage = [this](bus::Message&& message) { onMessage(std::move(message)); },
                .onState = [this](bus::State state) { onState(state); },
                .onTurnEnd = [this] { hub_.flush(); }});
    subscribeReplies();
    listener_.start();
    if (tlsListener_) tlsListener_->start();
    ticker_.expires_after(TimerWheel::kTick);
    tick();
    io_.run();
}

void Shard::tick() {
    ticker_.async_wait([this](ErrorCode failed) {
        if (failed) return;
        const Duration late = Clock::now() - ticker_.expiry();
        stats_.loopLag.observe(std::chrono::duration<double>(late).count());
        wheel_.advance();
        hub_.flush();
        checkDrained();
        ticker_.expires_after(TimerWheel::kTick);
        tick();
    });
}

void Shard::onMessage(bus::Message&& message) {
    const auto topic = topics::parse(message.topic);
    if (!topic) return stats_.dropped(Drop::malformed).add();
    if (const auto* log = std::get_if<topics::SharedLog>(&*topic)) {
        hub_.onSharedLog(*log, message);
        noteTrace(*log, message);
    } else if (std::holds_alternative<topics::Reply>(*topic)) {
        replies_.onReply(message);
    } else if (const auto* live = std::get_if<topics::LiveOut>(&*topic)) {
        hub_.onLiveOut(*live, message);
    } else {
        stats_.dropped(Drop::unknown).add();
    }
}

// The retained event, sent because of a subscription, arrived long ago.
void Shard::noteTrace(const topics::SharedLog& topic, const bus::Message& message) {
    if (message.retain || message.userProperties.empty()) return;
    const auto traceparent = traceparentOf(message.userProperties);
    if (!traceparent.empty()) logArrival(services_, topic.conversation, traceparent);
}

void Shard::onState(bus::State state) {
    process_.log(std::string("broker state=") +
                 (state == bus::State::connected ? "connected" : "disconnected") +
                 " shard=" + client_.str());
    hub_.onState(state);
    if (state == bus::State::disconnected) {
        wheel_.arm(busPatience_, limits::kBusPatience);
        return;
    }
    busPatience_.cancel();
    if (stats_.ready.value() == 0) subscribeReplies();
    posts_.onReconnected();
}

// Until receipts can be heard the shard is not ready. Once granted, the bus keeps it.
void Shard::subscribeReplies() {
    bus_.subscribe(
        {topics::filters::gatewayReplies(client_)},
        [this](const Expected<void>& result) {
            if (result) {
                stats_.ready.set(1);
            } else if (bus_.connected() && stats_.ready.value() == 0) {
                wheel_.arm(replyRetry_, kReplyRetry);
            }
        },
        wheel_.now() + kSubscribeDeadline);
}

void Shard::drain(std::function<void()> done) {
    asio::post(io_, [this, done = std::move(done)] {
        drained_ = done;
        services_.draining = true;
        stopListening();
        for (auto it = connections_.begin(); it != connections_.end();) (it++)->drain();
        checkDrained();
    });
}

void Shard::stopListening() {
    listener_.stop();
    if (tlsListener_) tlsListener_->stop();
}

void Shard::checkDrained() {
    if (drained_ && stats_.connections.value() == 0) std::exchange(drained_, nullptr)();
}

// Coroutines must end before what they use goes away.
void Shard::abortConnections() {
    services_.draining = true;
    stopListening();
    for (auto it = connections_.begin(); it != connections_.end();) (it++)->abort();
}

void Shard::stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] {
        abortConnections();
        bus_.stop(wheel_.now() + kBusFarewell);
        drained_ = [this] { io_.stop(); };
        checkDrained();
    });
    thread_.join();
}

}  // namespace parlor::gateway
