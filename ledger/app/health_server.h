#pragma once

#include <Poco/Net/HTTPServer.h>

#include <functional>
#include <memory>
#include <string>

#include "ledger/app/config.h"

namespace parlor::ledger {

// GET /healthz (the process runs), /readyz (200, or 503 with a sentence), /metrics.
class HealthServer {
 public:
    struct Sources {
        std::function<std::string()> notReady;  // why, or "" when ready; any thread
        std::function<std::string()> metrics;   // any thread
    };

    // Listens at once. Throws Poco::Exception where the address is taken.
    HealthServer(const HealthConfig& config, Sources sources);
    ~HealthServer();
    HealthServer(const HealthServer&) = delete;
    HealthServer& operator=(const HealthServer&) = delete;

    std::string address() const;  // host:port

 private:
    std::unique_ptr<Poco::Net::HTTPServer> server_;
};

}  // namespace parlor::ledger
