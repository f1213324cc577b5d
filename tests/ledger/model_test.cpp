// Random conversations with repeats, crashes and lost state, held against a simple model.

#include "tests/ledger/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/ledger/fault_bus.h"
#include "tests/ledger/fault_store.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;

constexpr int kSteps = 250;
constexpr int kConversations = 6;

Model::Outcome toOutcome(const v1::Receipt& receipt) {
    if (receipt.has_failure()) return {.error = receipt.failure().code()};
    return {.stream = receipt.recorded().stream(), .seq = receipt.recorded().seq()};
}

class ModelTest : public testing::TestWithParam<unsigned> {
 protected:
    struct Attempt {
        std::string conversation;
        Sender* sender = nullptr;
        std::string agent;
        std::vector<v1::Draft> drafts;
    };

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

    std::size_t pick(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
    }
    v1::Draft anyDraft() {
        switch (pick(12)) {
            case 0:
                return close();
            case 1:
            case 2:
                return accept();
            case 3:
                return read(pick(12));
            case 4:
                return note("n");
            case 5:
                return rating(3);
            default:
                return message("text " + std::to_string(pick(1000)));
        }
    }
    Attempt anyAttempt() {
        if (!attempts_.empty() && pick(4) == 0) return attempts_[pick(attempts_.size())];
        Attempt attempt;
        attempt.conversation = ids_[pick(ids_.size())];
        const std::size_t who = pick(4);
        attempt.sender = who == 0 ? &alice_ : who == 1 ? &bob_ : &gateway_;
        attempt.agent = who == 0 ? "alice" : who == 1 ? "bob" : "";
        for (std::size_t i = 0; i <= pick(3); ++i) attempt.drafts.push_back(anyDraft());
        attempts_.push_back(attempt);
        return attempt;
    }

    void openAny() {
        v1::OpenRequest request = openRequest();
        request.set_conversation(ids_[pick(ids_.size())]);
        request.set_request_id(openIds_[pick(openIds_.size())]);
        const auto expected = model_.open(request.conversation(), request.request_id());
        const auto response = gateway_.open(request);
        const Model::Outcome outcome =
            response.has_failure() ? Model::Outcome{.error = response.failure().code()}
                                   : Model::Outcome{.stream = response.open().recorded().stream(),
                                                    .seq = response.open().recorded().seq()};
        EXPECT_EQ(outcome, expected);
    }

    void postAndCompare(const Attempt& attempt) {
        const auto id = *ConversationId::parse(attempt.conversation);
        const auto response = attempt.sender->post(id, attempt.drafts);
        ASSERT_EQ(response.post().receipts_size(), static_cast<int>(attempt.drafts.size()));
        for (std::size_t i = 0; i < attempt.drafts.size(); ++i) {
            const auto expected =
                model_.post(attempt.conversation, attempt.agent, attempt.drafts[i]);
            const auto got = toOutcome(response.post().receipts(static_cast<int>(i)));
            EXPECT_EQ(got, expected)
                << "draft " << attempt.drafts[i].ShortDebugString() << " by '" << attempt.agent
                << "' got " << response.post().receipts(static_cast<int>(i)).ShortDebugString();
        }
    }

    // An attempt that is recorded without anybody hearing of it. What was refused is judged again
    // when the attempt is repeated.
    void takePlaceUnheard(const Attempt& attempt) {
        for (const auto& draft : attempt.drafts) {
            model_.post(attempt.conversation, attempt.agent, draft);
        }
    }

    // The process dies after its commit, before it has told anybody or after some of what it tells;
    // the sender tries again.
    void crashWhilePosting(const Attempt& attempt) {
        busFaults_->untilMute = static_cast<int>(pick(8));
        const auto id = *ConversationId::parse(attempt.conversation);
        attempt.sender->client().publish(attempt.sender->postMessage(id, attempt.drafts));
        world_.broker().drain();
        world_.stopLedger();
        busFaults_->untilMute = -1;
        busFaults_->mute = false;
        world_.startLedger();
        takePlaceUnheard(attempt);
        postAndCompare(attempt);
    }

    // The connection to the database breaks after the commit; the ledger tries again.
    void breakAfterCommit(const Attempt& attempt) {
        storeFaults_->failAfter = 1;
        takePlaceUnheard(attempt);
        postAndCompare(attempt);
    }

    void step() {
        switch (pick(20)) {
            case 0:
            case 1:
                return openAny();
            case 2:
                return crashWhilePosting(anyAttempt());
            case 3:
                world_.broker().cutConnections();
                world_.broker().dropRetained();
                world_.broker().restoreConnections();
                return;
            case 4:
                storeFaults_->failBefore = 1;
                return postAndCompare(anyAttempt());
            case 5:
                return breakAfterCommit(anyAttempt());
            default:
                return postAndCompare(anyAttempt());
        }
    }

    static void compareLog(const v1::HistoryResponse& history,
                           const std::vector<Model::Recorded>& expected) {
        EXPECT_EQ(history.head_seq(), expected.size());
        ASSERT_EQ(history.events_size(), static_cast<int>(expected.size()));
        std::string previous;
        for (int i = 0; i < history.events_size(); ++i) {
            const auto& event = history.events(i);
            const auto& model = expected[static_cast<std::size_t>(i)];
            EXPECT_EQ(event.seq(), static_cast<std::uint64_t>(i) + 1);
            if (!model.requestId.empty()) {
                EXPECT_EQ(event.request_id(), model.requestId);
            }
            EXPECT_EQ(event.author().id(), model.author);
            EXPECT_EQ(event.content_hash(), contentHash(event));
            EXPECT_EQ(event.previous_hash(), previous);
            previous = canonicalHash(event);
        }
    }

    std::vector<std::string> retainedStates() {
        Client late(world_.broker(), "late-" + Ulid::generate().str());
        late.subscribe({"parlor/+/q/+/+", "parlor/+/a/+/c/+"});
        world_.broker().drain();
        auto states = statesOf(late.take());
        std::sort(states.begin(), states.end());
        return states;
    }
    std::vector<std::string> expectedStates() const {
        std::vector<std::string> states;
        for (const auto& [text, at] : model_.conversations()) {
            const auto id = *ConversationId::parse(text);
            if (at.waiting()) {
                states.push_back(
                    topics::format(topics::Queue{kSite, *DepartmentId::parse("general"), id}));
            } else if (!at.closed) {
                states.push_back(
                    topics::format(topics::AssignedTo{kSite, *AgentId::parse(at.holder), id}));
            }
        }
        std::sort(states.begin(), states.end());
        return states;
    }

    std::mt19937 random_{GetParam()};
    const std::shared_ptr<Faults> busFaults_ = std::make_shared<Faults>();
    const std::shared_ptr<StoreFaults> storeFaults_ = std::make_shared<StoreFaults>();
    World world_{options()};
    Sender gateway_{world_.broker()};
    Sender alice_{world_.broker(), kAlice};
    Sender bob_{world_.broker(), kBob};
    Model model_;
    std::vector<std::string> ids_;
    std::vector<std::string> openIds_;
    std::vector<Attempt> attempts_;
};

TEST_P(ModelTest, TheLedgerDoesWhatTheModelDoes) {
    for (int i = 0; i < kConversations; ++i) ids_.push_back(Ulid::generate().str());
    for (int i = 0; i < 2; ++i) openIds_.push_back(Ulid::generate().str());
    for (int i = 0; i < kSteps && !HasFailure(); ++i) {
        SCOPED_TRACE("step " + std::to_string(i));
        step();
    }
    for (const auto& [text, at] : model_.conversations()) {
        const auto id = *ConversationId::parse(text);
        compareLog(alice_.history(id).history(), at.shared);
        compareLog(alice_.history(id, 0, 0, v1::STREAM_STAFF).history(), at.staff);
    }
    EXPECT_TRUE(eventually([&] { return retainedStates() == expectedStates(); }))
        << testing::PrintToString(retainedStates()) << " for "
        << testing::PrintToString(expectedStates());
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, testing::Range(1U, 9U));

}  // namespace
}  // namespace parlor::ledger::test
