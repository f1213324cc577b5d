#pragma once

#include <Poco/Util/AbstractConfiguration.h>

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/dispatch/dispatcher.h"
#include "ledger/dispatch/herald.h"
#include "ledger/history/history_service.h"
#include "ledger/intake/intake.h"
#include "ledger/requests/job_runner.h"
#include "ledger/store/database_url.h"
#include "proto/errors.h"

namespace parlor::ledger {

struct BrokerConfig {
    std::vector<std::string> servers;  // "tcp://host:port" or "ssl://host:port"
    std::string username;
    std::string password;
    std::string caFile;
};

struct HealthConfig {
    std::string host;
    std::uint16_t port = 0;  // 0: any free one
};

// What ledger.properties says; the keys and their defaults are in ledger/ledger.properties.example.
struct Config {
    DatabaseUrl database;
    BrokerConfig broker;
    HealthConfig health;
    IntakeOptions intake;
    HistoryOptions history;
    DispatchOptions dispatch;
    HeraldOptions herald;
    JobOptions jobs;

    // Errc::malformed with a sentence that names the key.
    static Expected<Config> read(const Poco::Util::AbstractConfiguration& properties);
};

}  // namespace parlor::ledger
