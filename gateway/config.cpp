#include "gateway/config.h"

#include <Poco/Exception.h>
#include <Poco/Util/AbstractConfiguration.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace parlor::gateway {
namespace {

constexpr unsigned kMaxShards = 256;

[[noreturn]] void refuse(const std::string& key, const std::string& why) {
    throw std::runtime_error(key + ": " + why);
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    return text;
}

// The keys of a properties file, and which of them have been asked for.
class Properties {
 public:
    explicit Properties(const Poco::Util::AbstractConfiguration& properties)
        : properties_(properties) {}

    std::string text(const std::string& key, const std::string& fallback) {
        used_.insert(key);
        try {
            return properties_.getString(key, fallback);
        } catch (const Poco::Exception& error) {  // ${a reference} that leads nowhere
            refuse(key, error.displayText());
        }
    }
    unsigned number(const std::string& key, unsigned fallback, unsigned least, unsigned most) {
        const std::string value = text(key, std::to_string(fallback));
        unsigned parsed = 0;
        const char* end = value.data() + value.size();
        const auto [stopped, failed] = std::from_chars(value.data(), end, parsed);
        if (failed != std::errc() || stopped != end || parsed < least || parsed > most) {
            refuse(key, "must be a whole number from " + std::to_string(least) + " to " +
                            std::to_string(most) + ", not \"" + value + "\"");
        }
        return parsed;
    }
    bool flag(const std::string& key, bool fallback) {
        const std::string value = text(key, fallback ? "on" : "off");
        if (value != "on" && value != "off") {
            refuse(key, "must be on or off, not \"" + value + "\"");
        }
        return value == "on";
    }
    // The items of a comma list, without the spaces around them.
    std::vector<std::string> list(const std::string& key, const std::string& fallback) {
        std::istringstream in(text(key, fallback));
        std::vector<std::string> items;
        for (std::string item; std::getline(in, item, ',');) {
            const auto first = item.find_first_not_of(" \t");
            if (first == std::string::npos) continue;
            items.push_back(item.substr(first, item.find_last_not_of(" \t") - first + 1));
        }
        return items;
    }
    void refuseUnknown() const { visit(""); }

 private:
    void visit(const std::string& prefix) const {
        Poco::Util::AbstractConfiguration::Keys keys;
        properties_.keys(prefix, keys);
        for (const std::string& key : keys) {
            const std::string full = prefix.empty() ? key : prefix + "." + key;
            if (full == "logging") continue;
            if (properties_.hasProperty(full) && !used_.contains(full)) {
                refuse(full, "no such key");
            }
            visit(full);
        }
    }

    const Poco::Util::AbstractConfiguration& properties_;
    std::set<std::string> used_;
};

Endpoint readEndpoint(const std::string& key, const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) refuse(key, "must be address:port, not \"" + text + "\"");
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    ErrorCode failed;
    const auto address = asio::ip::make_address(host, failed);
    if (failed) refuse(key, "\"" + host + "\" is not an IP address");
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, wrong] = std::from_chars(text.data() + colon + 1, end, port);
    if (wrong != std::errc() || stopped != end) refuse(key, "the port must be 0 to 65535");
    return {address, port};
}

std::string readPassword(const std::string& path) {
    if (path.empty()) return {};
    std::ifstream file(path);
    std::string line;
    if (!file || !std::getline(file, line)) {
        refuse("broker.passwordFile", "cannot read " + path);
    }
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    return line;
}

SiteConfig readSite(Properties& reader, const std::string& name) {
    const std::string key = "sites." + name + ".origins";
    SiteConfig site;
    for (const std::string& origin : reader.list(key, "*")) {
        if (origin == "*") {
            site.anyOrigin = true;
            continue;
        }
        if (!isOrigin(lower(origin))) {
            refuse(key, "\"" + origin + "\" is not an origin such as https://shop.example");
        }
        site.origins.insert(lower(origin));
    }
    return site;
}

void readSites(Properties& reader, EdgeConfig& edge) {
    for (const std::string& name : reader.list("sites", "demo")) {
        const auto site = SiteId::parse(name);
        if (!site) refuse("sites", site.error().text);
        edge.sites.emplace(*site, readSite(reader, name));
    }
    if (edge.sites.empty()) refuse("sites", "at least one site is needed");
}

// "10/60": ten at once and sixty a minute; "0": no limit.
Rate readRate(Properties& reader, const std::string& key, const std::string& fallback) {
    const std::string text = reader.text(key, fallback);
    if (text == "0") return {};
    unsigned burst = 0;
    unsigned perMinute = 0;
    const char* end = text.data() + text.size();
    const auto [slash, noBurst] = std::from_chars(text.data(), end, burst);
    if (noBurst == std::errc() && slash != end && *slash == '/') {
        const auto [stopped, noRate] = std::from_chars(slash + 1, end, perMinute);
        if (noRate == std::errc() && stopped == end && burst > 0 && perMinute > 0) {
            return {.perSecond = perMinute / 60.0, .burst = static_cast<double>(burst)};
        }
    }
    refuse(key, "must be BURST/PERMINUTE such as 10/60, or 0 for no limit, not \"" + text + "\"");
}

// A shard's part of an address's rate; at least `least` of it.
Rate perShard(const Rate& whole, unsigned shards, const Rate& least) {
    const auto part = [shards](double all, double atLeast) {
        return std::max(all / shards, std::min(all, atLeast));
    };
    return {.perSecond = part(whole.perSecond, least.perSecond),
            .burst = part(whole.burst, std::max(1.0, least.burst))};
}

void readRates(Properties& reader, const Config& config, EdgeConfig& edge) {
    edge.opens = perShard(readRate(reader, "limits.open", "20/60"), config.shards, {});
    // A conversation is mostly on one shard, so its rates are not shared out, and an address's part
    // is not less than they are.
    edge.posts = readRate(reader, "limits.post", "100/600");
    edge.postsPerAddress =
        perShard(readRate(reader, "limits.postPerAddress", "1000/6000"), config.shards, edge.posts);
    edge.typing = readRate(reader, "limits.typing", "20/120");
    edge.typingPerAddress = perShard(readRate(reader, "limits.typingPerAddress", "1000/6000"),
                                     config.shards, edge.typing);
    edge.transcripts = readRate(reader, "limits.transcript", "10/10");
    edge.transcriptsPerAddress = perShard(readRate(reader, "limits.transcriptPerAddress", "60/60"),
                                          config.shards, edge.transcripts);
}

LogRequests readLogRequests(Properties& reader) {
    const std::string key = "http.logRequests";
    const std::string value = reader.text(key, "failed");
    if (value == "failed") return LogRequests::failed;
    if (value == "posts") return LogRequests::posts;
    if (value != "all") refuse(key, "must be failed, posts or all, not \"" + value + "\"");
    return LogRequests::all;
}

void readLimits(Properties& reader, Config& config) {
    const unsigned connections = reader.number("http.maxConnections", 100000, 1, 10'000'000);
    EdgeConfig& edge = config.edge;
    edge.maxConnections = (connections + config.shards - 1) / config.shards;
    const unsigned perAddress = reader.number("http.maxPerAddress", 1000, 0, 10'000'000);
    edge.maxPerAddress = (perAddress + config.shards - 1) / config.shards;
    for (const std::string& text : reader.list("http.trustedProxies", "127.0.0.0/8, ::1")) {
        const auto network = Network::parse(text);
        if (!network) refuse("http.trustedProxies", "\"" + text + "\" is no address or network");
        edge.trustedProxies.push_back(*network);
    }
    edge.deflate = reader.flag("http.deflate", false);
    edge.proxyProtocol = reader.flag("http.proxyProtocol", false);
    edge.logRequests = readLogRequests(reader);
    readRates(reader, config, edge);
}

void readTls(Properties& reader, Config& config) {
    const std::string listen = reader.text("https.listen", "");
    TlsConfig tls;
    tls.certificateFile = reader.text("https.certificateFile", "");
    tls.keyFile = reader.text("https.keyFile", "");
    if (listen.empty()) return;
    tls.listen = readEndpoint("https.listen", listen);
    if (tls.certificateFile.empty()) refuse("https.certificateFile", "is needed");
    if (tls.keyFile.empty()) refuse("https.keyFile", "is needed");
    config.tls = std::move(tls);
}

void readBroker(Properties& reader, Config& config) {
    config.brokerServers = reader.list("broker.servers", "tcp://127.0.0.1:1883");
    for (const std::string& server : config.brokerServers) {
        if (!server.starts_with("tcp://") && !server.starts_with("ssl://")) {
            refuse("broker.servers", "\"" + server + "\" must start with tcp:// or ssl://");
        }
    }
    if (config.brokerServers.empty()) refuse("broker.servers", "at least one is needed");
    config.brokerUsername = reader.text("broker.username", "");
    config.brokerPassword = readPassword(reader.text("broker.passwordFile", ""));
    config.brokerCaFile = reader.text("broker.caFile", "");
    if (!config.brokerCaFile.empty() && !std::ifstream(config.brokerCaFile)) {
        refuse("broker.caFile", "cannot read " + config.brokerCaFile);
    }
    config.replica = reader.text("broker.replica", "");
    if (config.replica.empty()) config.replica = "gw-" + lower(Ulid::generate().str());
    if (!isName(config.replica, 48, "._-")) {
        refuse("broker.replica", "must be 1 to 48 of a-z 0-9 . _ -");
    }
}

}  // namespace

Config readConfig(const Poco::Util::AbstractConfiguration& properties) {
    Properties reader(properties);
    Config config;
    config.listen = readEndpoint("http.listen", reader.text("http.listen", "127.0.0.1:8080"));
    config.shards = reader.number("http.shards", 0, 0, kMaxShards);
    if (config.shards == 0) config.shards = std::max(1U, std::thread::hardware_concurrency());
    readTls(reader, config);
    readLimits(reader, config);
    readBroker(reader, config);
    readSites(reader, config.edge);
    config.tokenKeyFile = reader.text("token.keyFile", "");
    if (config.tokenKeyFile.empty()) refuse("token.keyFile", "is needed");
    config.tokenKeys = readTokenKeys(config.tokenKeyFile);
    config.tokenLifetime =
        std::chrono::hours(reader.number("token.lifetimeHours", 24, 1, 24 * 366));
    config.widgetDir = reader.text("widget.dir", "");
    config.drain = std::chrono::seconds(reader.number("drain.seconds", 10, 0, 3600));
    reader.refuseUnknown();
    return config;
}

}  // namespace parlor::gateway
