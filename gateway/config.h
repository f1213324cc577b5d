#pragma once

// What the gateway is told at start (gateway.properties.example).

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "gateway/edge/listener.h"
#include "gateway/session/token.h"

namespace Poco::Util {
class AbstractConfiguration;
}

namespace parlor::gateway {

struct TlsConfig {
    Endpoint listen;
    std::string certificateFile;  // PEM, with the chain
    std::string keyFile;
};

struct Config {
    Endpoint listen;
    std::optional<TlsConfig> tls;
    unsigned shards = 1;
    std::vector<std::string> brokerServers;
    std::string brokerUsername;
    std::string brokerPassword;
    std::string brokerCaFile;
    std::string replica;  // the first part of MQTT client ids; unique in the broker
    EdgeConfig edge;
    TokenKeys tokenKeys;
    std::string tokenKeyFile;  // they are read again from there; empty: never
    std::chrono::seconds tokenLifetime{};
    std::string widgetDir;  // empty: no files are served
    std::chrono::seconds drain{};
};

// Throws std::runtime_error with one clear sentence for a key that is not known, a value that is
// not allowed, or a file that cannot be read. Keys that start with "logging." are Poco's own.
Config readConfig(const Poco::Util::AbstractConfiguration& properties);

}  // namespace parlor::gateway
