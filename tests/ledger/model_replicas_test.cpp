// Two ledgers on one database do what a simple model does: each post goes to one of them, and now
// and then one dies while the other goes on.

#include <gtest/gtest.h>

#include "tests/ledger/model_run.h"
#include "tests/ledger/replica.h"
#include "tests/ledger/store_suite.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;

constexpr int kSteps = 200;

class ModelReplicasTest : public testing::TestWithParam<unsigned> {
 protected:
    void SetUp() override {
        SqlStore store(database_->url());
        ASSERT_TRUE(store.migrate());
        for (auto& replica : replicas_) replica = start();
    }
    std::unique_ptr<Replica> start() {
        return std::make_unique<Replica>(database_->url(), broker_, Replica::Options(),
                                         storeFaults_);
    }
    // Of one, then of the other, whoever got the message.
    void crash(Sender& sender, const bus::Message& message, int publications) {
        auto& dying = replicas_[++crashes_ % replicas_.size()];
        dying->busFaults().untilMute = publications;
        sender.client().publish(message);
        const auto isAnswered = [&] {
            const auto answers = sender.client().take();
            return std::any_of(answers.begin(), answers.end(), [&](const bus::Message& each) {
                return each.correlationData == message.correlationData;
            });
        };
        EXPECT_TRUE(eventually([&] { return dying->busFaults().lostReplies > 0 || isAnswered(); }));
        dying->busFaults().mute = true;
        dying.reset();
        dying = start();
    }

    const std::unique_ptr<Database> database_ = Database::start(Dialect::postgresql);
    bus::MemoryBroker broker_;
    const std::shared_ptr<StoreFaults> storeFaults_ = std::make_shared<StoreFaults>();
    std::array<std::unique_ptr<Replica>, 2> replicas_;
    std::size_t crashes_ = 0;
};

TEST_P(ModelReplicasTest, TwoDoWhatTheModelDoes) {
    ModelRun model(GetParam(), broker_, *storeFaults_,
                   [this](Sender& sender, const bus::Message& message, int publications) {
                       crash(sender, message, publications);
                   });
    model.run(kSteps);
    EXPECT_GT(crashes_, 2U) << "nobody died: a test of nothing";
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelReplicasTest, testing::Values(1U, 2U));

}  // namespace
}  // namespace parlor::ledger::test
