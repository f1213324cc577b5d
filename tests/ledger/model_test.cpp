// The ledger does what a simple model does, crashes included.

#include <gtest/gtest.h>

#include "tests/ledger/fault_bus.h"
#include "tests/ledger/model_run.h"

namespace parlor::ledger::test {
namespace {

constexpr int kSteps = 250;

class ModelTest : public testing::TestWithParam<unsigned> {
 protected:
    World::Options options() {
        World::Options made;
        made.wrapBus = [faults = busFaults_](std::unique_ptr<bus::Bus> inner) {
            return std::make_unique<FaultBus>(std::move(inner), faults);
        };
        made.wrapStore = [faults = storeFaults_](Store& inner) {
            return std::make_unique<FaultStore>(inner, faults);
        };
        return made;
    }
    void crash(Sender& sender, const bus::Message& message, int publications) {
        busFaults_->untilMute = publications;
        sender.client().publish(message);
        world_.broker().drain();
        world_.stopLedger();
        busFaults_->untilMute = -1;
        busFaults_->mute = false;
        world_.startLedger();
    }

    const std::shared_ptr<Faults> busFaults_ = std::make_shared<Faults>();
    const std::shared_ptr<StoreFaults> storeFaults_ = std::make_shared<StoreFaults>();
    World world_{options()};
};

TEST_P(ModelTest, TheLedgerDoesWhatTheModelDoes) {
    ModelRun model(GetParam(), world_.broker(), *storeFaults_,
                   [this](Sender& sender, const bus::Message& message, int publications) {
                       crash(sender, message, publications);
                   });
    model.run(kSteps);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, testing::Range(1U, 9U));

}  // namespace
}  // namespace parlor::ledger::test
