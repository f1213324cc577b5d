#pragma once

#include <optional>
#include <string>

#include "tests/security/secured_broker.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace parlor::test {

// parlor-ledger on SQLite, with the account that the broker has for it. Start it on the test's main
// thread (see Process). Not thread-safe.
class LedgerProcess {
 public:
    // Returns once it is ready.
    explicit LedgerProcess(const SecuredBroker& broker);

    bool running() { return process_->running(); }
    void stop() { process_->terminate(); }
    // After stop(), on the same database.
    void start();
    std::string log() const { return process_->log(); }
    // In Prometheus's text format.
    std::string metrics() const;
    const std::string& configFile() const { return config_; }

 private:
    const TempDir dir_;
    const std::string health_;
    const std::string config_;
    std::optional<Process> process_;
};

}  // namespace parlor::test
