#pragma once

#include <memory>

#include "ledger/app/ledger.h"
#include "ledger/store/sql_store.h"
#include "tests/ledger/fault_bus.h"
#include "tests/ledger/fault_store.h"
#include "tests/ledger/world.h"

namespace parlor::ledger::test {

// One of several ledgers on a database, whose schema is up to date.
class Replica {
 public:
    struct Options {
        Ledger::Options ledger = patientOptions();
        std::vector<v1::DepartmentProfile> departments = {};
        std::vector<v1::AgentProfile> agents = {};
    };

    // Started, and caught up.
    Replica(const DatabaseUrl& database, bus::MemoryBroker& broker, const Options& options,
            std::shared_ptr<StoreFaults> storeFaults = std::make_shared<StoreFaults>());
    ~Replica();
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;

    Ledger& ledger() { return *ledger_; }
    Faults& busFaults() { return *busFaults_; }

 private:
    const std::shared_ptr<Faults> busFaults_ = std::make_shared<Faults>();
    SqlStore sqlStore_;
    FaultStore store_;
    const std::unique_ptr<bus::Bus> bus_;
    const std::unique_ptr<Ledger> ledger_;
};

}  // namespace parlor::ledger::test
