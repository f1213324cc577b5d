#include "ledger/app/config.h"

#include <Poco/StringTokenizer.h>

#include <charconv>
#include <fstream>

#include "ledger/maintenance/maintenance.h"

namespace parlor::ledger {
namespace {

using Properties = Poco::Util::AbstractConfiguration;

Error malformed(const std::string& key, const std::string& what) {
    return {Errc::malformed, key + ": " + what};
}

Expected<std::uint64_t> readNumber(const Properties& properties, const std::string& key,
                                   std::uint64_t standard, std::uint64_t least,
                                   std::uint64_t most) {
    if (!properties.has(key)) return standard;
    const std::string text = properties.getString(key);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
        return malformed(key, "\"" + text + "\" is not a whole number from " +
                                  std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
}

Expected<HealthConfig> readHealth(const Properties& properties) {
    const std::string key = "health.listen";
    const std::string text = properties.getString(key, "127.0.0.1:9101");
    const auto colon = text.rfind(':');
    HealthConfig health;
    if (colon == std::string::npos || colon == 0) return malformed(key, "must be host:port");
    health.host = text.substr(0, colon);
    const char* begin = text.data() + colon + 1;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(begin, last, health.port);
    if (error != std::errc() || end != last) {
        return malformed(key, "\"" + text + "\" has no port from 0 to 65535");
    }
    return health;
}

Expected<std::string> readPassword(const Properties& properties) {
    const std::string key = "broker.passwordFile";
    const std::string path = properties.getString(key, "");
    if (path.empty()) return std::string();
    std::ifstream file(path);
    std::string password;
    if (!file || !std::getline(file, password)) {
        return malformed(key, "cannot read the password from " + path);
    }
    return password;
}

Expected<BrokerConfig> readBroker(const Properties& properties) {
    BrokerConfig broker;
    const std::string key = "broker.servers";
    const Poco::StringTokenizer servers(
        properties.getString(key, "tcp://127.0.0.1:1883"), ",",
        Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    for (const auto& server : servers) {
        if (!server.starts_with("tcp://") && !server.starts_with("ssl://")) {
            return malformed(key, "\"" + server + "\" must start with tcp:// or ssl://");
        }
        broker.servers.push_back(server);
    }
    if (broker.servers.empty()) return malformed(key, "names no server");
    broker.username = properties.getString("broker.username", "");
    auto password = readPassword(properties);
    if (!password) return password.error();
    broker.password = *password;
    broker.caFile = properties.getString("broker.caFile", "");
    if (!broker.caFile.empty() && !std::ifstream(broker.caFile)) {
        return malformed("broker.caFile", "cannot read " + broker.caFile);
    }
    return broker;
}

}  // namespace

Expected<Config> Config::read(const Properties& properties) {
    Config config;
    auto database = databaseOf(properties);
    if (!database) return database.error();
    config.database = *database;
    auto broker = readBroker(properties);
    if (!broker) return broker.error();
    config.broker = *broker;
    auto health = readHealth(properties);
    if (!health) return health.error();
    config.health = *health;
    const auto batch = readNumber(properties, "intake.batch", 512, 1, 10000);
    if (!batch) return batch.error();
    config.intake.pace.drafts = *batch;
    const auto linger = readNumber(properties, "intake.lingerMs", 0, 0, 100);
    if (!linger) return linger.error();
    config.intake.pace.linger = std::chrono::milliseconds(*linger);
    const auto queue = readNumber(properties, "intake.queue", 8192, 1, 1000000);
    if (!queue) return queue.error();
    config.intake.queue.submissions = *queue;
    const auto writers = readNumber(properties, "intake.writers", 2, 1, 64);
    if (!writers) return writers.error();
    config.intake.writers = *writers;
    const auto readers = readNumber(properties, "history.readers", 2, 1, 64);
    if (!readers) return readers.error();
    config.history.readers = *readers;
    const auto grace = readNumber(properties, "dispatch.graceS", 30, 0, 86400);
    if (!grace) return grace.error();
    config.dispatch.grace = std::chrono::seconds(*grace);
    const auto again = readNumber(properties, "dispatch.republishS", 300, 10, 86400);
    if (!again) return again.error();
    config.herald.again = std::chrono::seconds(*again);
    const auto reopenDays = readNumber(properties, "dispatch.reopenDays", 7, 0, 3650);
    if (!reopenDays) return reopenDays.error();
    config.intake.reopenWithin = std::chrono::hours(24 * *reopenDays);
    const auto retention = readNumber(properties, "retention.days", 0, 0, 36500);
    if (!retention) return retention.error();
    if (*retention != 0 && *retention < kLeastRetentionDays) {
        return malformed("retention.days", "0 (never) or at least 8");
    }
    config.jobs.retentionDays = static_cast<std::uint32_t>(*retention);
    return config;
}

}  // namespace parlor::ledger
