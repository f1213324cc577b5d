// A random service desk. After every event: never two owners, never above capacity, oldest first
// within a priority. After every step: nothing waits while somebody fitting is free.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "ledger/intake/rules.h"
#include "tests/ledger/random_desk.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;

constexpr int kSteps = 150;

// What the record says, event by event.
class Replay {
 public:
    void tell(const AgentId& agent, v1::AgentStatus::State state) { desk_.tell(agent, state); }
    void add(const v1::Event& event) {
        const auto id = *ConversationId::parse(event.conversation());
        if (event.has_opened()) open(id, event);
        Conversation& row = rows_.at(id);
        const Conversation before = row;
        if (event.has_offered()) checkTurn(before, *AgentId::parse(event.offered().agent()));
        if (event.has_assigned()) checkOwner(before, event);
        apply(row, event);
        EXPECT_GE(row.fence, before.fence);
        const bool moved = row.state == ConversationState::assigned && row.agent != before.agent;
        if (moved) {
            EXPECT_GT(row.fence, before.fence);
        }
        EXPECT_EQ(desk_.overloaded(rows_), "");
        last_[id] = event.body_case();
    }

    // What is left to be done by dispatch; "": nothing.
    std::string undone() const { return desk_.undone(rows_); }
    const DeskState::Rows& rows() const { return rows_; }

 private:
    void open(const ConversationId& id, const v1::Event& event) {
        rows_.emplace(id,
                      Conversation{.id = id,
                                   .site = kSite,
                                   .department = *DepartmentId::parse(event.opened().department()),
                                   .agent = {},
                                   .priority = event.opened().priority(),
                                   .shared = {},
                                   .staff = {},
                                   .visitorName = {},
                                   .preview = {},
                                   .openedAtMs = event.recorded_at_ms(),
                                   .waitingSinceMs = event.recorded_at_ms()});
    }
    // Nobody who could have been given to the agent waits with a better right.
    void checkTurn(const Conversation& offered, const AgentId& agent) const {
        EXPECT_EQ(offered.state, ConversationState::waiting);
        EXPECT_FALSE(offered.offer);
        for (const auto& [id, row] : rows_) {
            const bool waits = row.state == ConversationState::waiting && !row.offer;
            if (!waits || !desk_.couldGet(rows_, row, agent)) continue;
            EXPECT_FALSE(DeskState::comesBefore(row, offered)) << "an older one waits";
        }
    }
    // It may change its holder only by saying so.
    void checkOwner(const Conversation& before, const v1::Event& event) const {
        if (before.state != ConversationState::assigned) {
            EXPECT_EQ(before.state, ConversationState::waiting);
            if (before.offer && event.author().id() != kCarol.str()) {
                EXPECT_EQ(before.offer->agent.str(), event.assigned().agent());
            }
            return;
        }
        EXPECT_EQ(last_.at(before.id), v1::Event::kTransferred);
    }

    DeskState desk_;
    DeskState::Rows rows_;
    std::map<ConversationId, v1::Event::BodyCase> last_;
};

class InvariantsTest : public testing::TestWithParam<unsigned> {
 protected:
    static World::Options quick() {
        World::Options options;
        options.ledger = quickDispatch();
        return options;
    }

    Sender& senderOf(const AgentId& agent) {
        return agent == kAlice ? alice_ : agent == kBob ? bob_ : carol_;
    }
    const ConversationId& anyConversation() { return ids_[random_.pick(ids_.size())]; }
    void step() {
        const auto what = random_.pick(10);
        if (what < 2 || ids_.empty()) {
            const auto request = openRequest(random_.anyDepartment());
            ASSERT_TRUE(gateway_.open(request).has_open());
            ids_.push_back(*ConversationId::parse(request.conversation()));
        } else if (what == 2) {
            const auto state = random_.anyStatus();
            const auto& agent = random_.anyAgent();
            replay_.tell(agent, state);
            tellStatus(senderOf(agent).client(), agent, state);
        } else if (what == 3) {
            gateway_.post(anyConversation(), message("hello?"));
        } else if (what == 4) {
            const auto priority = static_cast<std::uint32_t>(random_.pick(3));
            carol_.post(anyConversation(), prioritize(priority));
        } else {
            senderOf(random_.anyAgent()).post(anyConversation(), random_.anyHandling());
        }
    }
    void catchUp() {
        world_.broker().drain();
        for (const auto& event : eventsOf(observer_.take())) replay_.add(event);
    }
    void compareRows() {
        for (const auto& [id, expected] : replay_.rows()) {
            const auto row = world_.store().makeReader()->conversations(std::span(&id, 1))->at(0);
            EXPECT_EQ(row.state, expected.state);
            EXPECT_EQ(row.agent, expected.agent);
            EXPECT_EQ(row.fence, expected.fence);
            EXPECT_EQ(row.offer, expected.offer);
            EXPECT_EQ(row.joined, expected.joined);
            EXPECT_EQ(row.department, expected.department);
            EXPECT_EQ(row.priority, expected.priority);
        }
    }

    RandomDesk random_{GetParam()};
    World world_{quick()};
    Sender gateway_{world_.broker()};
    Sender alice_{world_.broker(), kAlice};
    Sender bob_{world_.broker(), kBob};
    Sender carol_{world_.broker(), kCarol};
    Client observer_{world_.broker(), "observer"};
    Replay replay_;
    std::vector<ConversationId> ids_;
};

TEST_P(InvariantsTest, HoldAfterEveryStep) {
    observer_.subscribe({"parlor/+/c/+/out/log", "parlor/+/c/+/staff/log"});
    world_.staff(deskDepartmentProfiles(), deskAgentProfiles());
    for (int i = 0; i < kSteps && !HasFailure(); ++i) {
        SCOPED_TRACE("step " + std::to_string(i));
        step();
        EXPECT_TRUE(eventually([&] {
            catchUp();
            return replay_.undone().empty();
        })) << replay_.undone();
    }
    compareRows();
    std::map<v1::Event::BodyCase, int> kinds;
    for (const auto& id : ids_) {
        const auto history = alice_.history(id, 0, 0, v1::STREAM_STAFF).history();
        for (const auto& event : history.events()) ++kinds[event.body_case()];
    }
    EXPECT_GT(kinds[v1::Event::kOffered], 0) << "it offered nothing: a test of nothing";
    EXPECT_GT(kinds[v1::Event::kQueued], 0) << "nobody's priority was changed";
}

INSTANTIATE_TEST_SUITE_P(Seeds, InvariantsTest, testing::Values(1U, 2U, 3U, 4U));

}  // namespace
}  // namespace parlor::ledger::test
