#include "ledger/announce/agents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace parlor::ledger {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const SiteId kSite = *SiteId::parse("shop");
const AgentId kAlice = *AgentId::parse("alice");
const AgentId kBob = *AgentId::parse("bob");

// Statuses as leases, with the clock in hand.
class StatusLeases : public testing::Test {
 protected:
    bool say(const AgentId& agent, v1::AgentStatus::State state, seconds lease = {}) {
        v1::AgentStatus status;
        status.set_state(state);
        return agents_.update(kSite, agent, status, lease);
    }
    v1::AgentStatus::State stateOf(const AgentId& agent) {
        return agents_.presence(kSite, agent).state;
    }

    AgentDirectory::Clock::time_point now_{seconds(1000)};
    AgentDirectory agents_{{.lease = seconds(90), .now = [this] { return now_; }}};
};

TEST_F(StatusLeases, EndWhereTheyAreNotRenewed) {
    agents_.connected();
    say(kAlice, v1::AgentStatus::STATE_ONLINE);
    now_ += seconds(89);
    EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_ONLINE);
    EXPECT_THAT(agents_.onlineAgents(kSite), ElementsAre(kAlice));
    EXPECT_THAT(agents_.absent(), IsEmpty());
    const auto end = now_ += seconds(1);
    EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_OFFLINE);
    EXPECT_THAT(agents_.onlineAgents(kSite), IsEmpty());
    now_ += seconds(5);
    ASSERT_EQ(agents_.absent().size(), 1U);
    EXPECT_EQ(agents_.absent()[0].agent, kAlice);
    EXPECT_EQ(agents_.absent()[0].since, end) << "the time of grace runs from then";
}

TEST_F(StatusLeases, GoOnWhereTheyAreRenewed) {
    agents_.connected();
    EXPECT_TRUE(say(kAlice, v1::AgentStatus::STATE_BUSY));
    const auto since = now_;
    for (int i = 0; i < 10; ++i) {
        now_ += seconds(30);
        EXPECT_FALSE(say(kAlice, v1::AgentStatus::STATE_BUSY)) << "no change";
        EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_BUSY);
    }
    EXPECT_EQ(agents_.presence(kSite, kAlice).since, since);
    now_ += seconds(90);
    EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_OFFLINE);
    EXPECT_TRUE(say(kAlice, v1::AgentStatus::STATE_BUSY)) << "it is back";
    EXPECT_EQ(agents_.presence(kSite, kAlice).since, now_);
}

TEST_F(StatusLeases, HoldForAsLongAsTheySay) {
    agents_.connected();
    say(kAlice, v1::AgentStatus::STATE_ONLINE, seconds(3600));
    now_ += seconds(3599);
    EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_ONLINE);
    now_ += seconds(1);
    EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_OFFLINE);
}

TEST_F(StatusLeases, DoNotEndWhileTheBrokerIsAway) {
    say(kAlice, v1::AgentStatus::STATE_ONLINE);
    now_ += seconds(1000);
    EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_ONLINE) << "was never there";
    agents_.connected();
    say(kBob, v1::AgentStatus::STATE_ONLINE, seconds(1));
    now_ += seconds(89);
    EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_ONLINE) << "has had no time to renew it";
    EXPECT_EQ(stateOf(kBob), v1::AgentStatus::STATE_ONLINE) << "a retained one, almost at its end";
    agents_.disconnected();
    now_ += seconds(1000);
    EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_ONLINE);
    agents_.connected();
    now_ += seconds(90);
    EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_OFFLINE);
    const auto since = agents_.presence(kSite, kAlice).since;
    agents_.disconnected();
    agents_.connected();
    EXPECT_EQ(stateOf(kAlice), v1::AgentStatus::STATE_OFFLINE) << "what has ended stays so";
    EXPECT_EQ(agents_.presence(kSite, kAlice).since, since);
}

// As after a start of the ledger, when the broker has forgotten a status that ran out.
TEST_F(StatusLeases, WhoHoldsSomethingMustSayThatItIsThere) {
    agents_.connected();
    agents_.gave(kSite, kAlice, 7);
    EXPECT_THAT(agents_.absent(), IsEmpty());
    now_ += seconds(90);
    ASSERT_EQ(agents_.absent().size(), 1U);
    EXPECT_EQ(agents_.absent()[0].givenAtMs, 7);
    EXPECT_EQ(stateOf(kBob), v1::AgentStatus::STATE_UNSPECIFIED) << "of whom nothing is known";
}

TEST_F(StatusLeases, OfflineHoldsUntilSomethingElseIsSaid) {
    agents_.connected();
    say(kAlice, v1::AgentStatus::STATE_OFFLINE);
    const auto since = now_;
    now_ += seconds(1000);
    EXPECT_EQ(agents_.absent()[0].since, since);
    EXPECT_TRUE(say(kAlice, v1::AgentStatus::STATE_ONLINE));
    EXPECT_THAT(agents_.absent(), IsEmpty());
}

}  // namespace
}  // namespace parlor::ledger
