#include "tests/ledger/model_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

constexpr int kConversations = 6;

Model::Outcome toOutcome(const v1::Receipt& receipt) {
    if (receipt.has_failure()) return {.error = receipt.failure().code()};
    return {.stream = receipt.recorded().stream(), .seq = receipt.recorded().seq()};
}

void compareLog(const v1::HistoryResponse& history, const std::vector<Model::Recorded>& expected) {
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

}  // namespace

ModelRun::ModelRun(unsigned seed, bus::MemoryBroker& broker, StoreFaults& faults, Crash crash)
    : random_(seed), broker_(broker), faults_(faults), crash_(std::move(crash)) {
    for (int i = 0; i < kConversations; ++i) ids_.push_back(Ulid::generate().str());
    for (int i = 0; i < 2; ++i) openIds_.push_back(Ulid::generate().str());
}

void ModelRun::run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
        SCOPED_TRACE("step " + std::to_string(i));
        step();
    }
    for (const auto& [text, at] : model_.conversations()) {
        const auto id = *ConversationId::parse(text);
        compareLog(alice_.history(id).history(), at.shared);
        compareLog(alice_.history(id, 0, 0, v1::STREAM_STAFF).history(), at.staff);
    }
    EXPECT_TRUE(parlor::test::eventually([&] { return retainedStates() == expectedStates(); }))
        << testing::PrintToString(retainedStates()) << " for "
        << testing::PrintToString(expectedStates());
}

std::size_t ModelRun::pick(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
}
v1::Draft ModelRun::anyDraft() {
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
ModelRun::Attempt ModelRun::anyAttempt() {
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

void ModelRun::openAny() {
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

void ModelRun::postAndCompare(const Attempt& attempt) {
    const auto id = *ConversationId::parse(attempt.conversation);
    const auto response = attempt.sender->post(id, attempt.drafts);
    ASSERT_EQ(response.post().receipts_size(), static_cast<int>(attempt.drafts.size()));
    for (std::size_t i = 0; i < attempt.drafts.size(); ++i) {
        const auto expected = model_.post(attempt.conversation, attempt.agent, attempt.drafts[i]);
        const auto got = toOutcome(response.post().receipts(static_cast<int>(i)));
        EXPECT_EQ(got, expected)
            << "draft " << attempt.drafts[i].ShortDebugString() << " by '" << attempt.agent
            << "' got " << response.post().receipts(static_cast<int>(i)).ShortDebugString();
    }
}

// An attempt that is recorded without anybody hearing of it. What was refused is judged again
// when the attempt is repeated.
void ModelRun::takePlaceUnheard(const Attempt& attempt) {
    for (const auto& draft : attempt.drafts) {
        model_.post(attempt.conversation, attempt.agent, draft);
    }
}

// The process dies after its commit, before it has told anybody or after some of what it tells; the
// sender tries again.
void ModelRun::crashWhilePosting(const Attempt& attempt) {
    const auto id = *ConversationId::parse(attempt.conversation);
    crash_(*attempt.sender, attempt.sender->postMessage(id, attempt.drafts),
           static_cast<int>(pick(8)));
    takePlaceUnheard(attempt);
    postAndCompare(attempt);
}

// The connection to the database breaks after the commit; the ledger tries again.
void ModelRun::breakAfterCommit(const Attempt& attempt) {
    faults_.failAfter = 1;
    takePlaceUnheard(attempt);
    postAndCompare(attempt);
}

void ModelRun::step() {
    switch (pick(20)) {
        case 0:
        case 1:
            return openAny();
        case 2:
            return crashWhilePosting(anyAttempt());
        case 3:
            broker_.cutConnections();
            broker_.dropRetained();
            broker_.restoreConnections();
            return;
        case 4:
            faults_.failBefore = 1;
            return postAndCompare(anyAttempt());
        case 5:
            return breakAfterCommit(anyAttempt());
        default:
            return postAndCompare(anyAttempt());
    }
}

std::vector<std::string> ModelRun::retainedStates() {
    Client late(broker_, "late-" + Ulid::generate().str());
    late.subscribe({"parlor/+/q/+/+", "parlor/+/a/+/c/+"});
    broker_.drain();
    auto states = statesOf(late.take());
    std::sort(states.begin(), states.end());
    return states;
}
std::vector<std::string> ModelRun::expectedStates() const {
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

}  // namespace parlor::ledger::test
