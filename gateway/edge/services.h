#pragma once

// What the connections of one shard work with. Everything belongs to the shard, or is constant.

#include <array>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/edge/client_address.h"
#include "gateway/edge/connection_slot.h"
#include "gateway/edge/date_line.h"
#include "gateway/edge/net.h"
#include "gateway/edge/static_files.h"
#include "gateway/mailbox/mailbox_hub.h"
#include "gateway/session/post_broker.h"
#include "gateway/session/rate_limiter.h"
#include "gateway/session/rpc_client.h"
#include "gateway/session/signal_sender.h"
#include "gateway/session/token.h"

namespace parlor::gateway {

struct SiteConfig {
    bool anyOrigin = false;
    std::set<std::string> origins;  // "https://shop.example"

    bool allows(std::string_view origin) const {
        return anyOrigin || origins.contains(std::string(origin));
    }
};

// True for "scheme://host" or "scheme://host:port" of http and https, as browsers write it.
bool isOrigin(std::string_view text);

// Which calls are logged.
enum class LogRequests {
    failed,  // openings and posts that were answered with 500 or more
    posts,   // all openings and posts
    all,     // every call
};

struct EdgeConfig {
    std::map<SiteId, SiteConfig> sites;
    std::size_t maxConnections = 100000;  // of one shard
    std::size_t maxPerAddress = 0;        // likewise; 0: no limit
    bool deflate = false;                 // permessage-deflate is offered
    bool proxyProtocol = false;           // trusted proxies say who is behind them by it
    LogRequests logRequests = LogRequests::failed;
    std::vector<Network> trustedProxies;  // whose X-Forwarded-For is believed
    // Of one shard. By address:
    Rate opens;
    Rate postsPerAddress;
    Rate typingPerAddress;
    Rate transcriptsPerAddress;
    // By conversation:
    Rate posts;
    Rate typing;
    Rate transcripts;
};

struct Services {
    const EdgeConfig& config;
    const StaticFiles& files;
    asio::io_context& io;
    TimerWheel& wheel;
    ShardBus& bus;
    MailboxHub& hub;
    RpcClient& rpc;
    PostBroker& posts;
    Tokens& tokens;
    SignalSender& signals;
    RateLimiter& opens;
    VisitorLimiter& postRates;
    VisitorLimiter& typing;
    VisitorLimiter& transcripts;
    Stats& stats;
    DateLine& date;
    Connections& connections;
    ConnectionLimits& limits;
    // Why this process cannot take visitors now; empty: it can. Any thread.
    std::function<std::string()> notReady;
    // The text of /metrics, over all shards. Any thread.
    std::function<std::string()> metrics;
    // One line in logfmt. Any thread.
    std::function<void(const std::string&)> log;
    std::uint64_t nextRequestId;
    bool draining = false;
    std::array<char, 16 * 1024> scratch{};  // for bytes that are used up before anything else runs
};

}  // namespace parlor::gateway
