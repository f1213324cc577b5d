#include "tests/ledger/replica.h"

#include <gtest/gtest.h>

#include "tests/support/eventually.h"

namespace parlor::ledger::test {

Replica::Replica(const DatabaseUrl& database, bus::MemoryBroker& broker, const Options& options,
                 std::shared_ptr<StoreFaults> storeFaults)
    : sqlStore_(database),
      store_(sqlStore_, std::move(storeFaults)),
      bus_(std::make_unique<FaultBus>(broker.makeClient("ledger-" + Ulid::generate().str()),
                                      busFaults_)),
      ledger_(std::make_unique<Ledger>(options.ledger, store_, *bus_, testLog())) {
    ledger_->directory().replace(kSite, options.departments, options.agents);
    ledger_->start();
    EXPECT_TRUE(
        parlor::test::eventually([&] { return ledger_->subscribed() && ledger_->caughtUp(); }));
}

Replica::~Replica() { ledger_->stop(bus::Clock::now() + std::chrono::seconds(10)); }

}  // namespace parlor::ledger::test
