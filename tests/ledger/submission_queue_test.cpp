#include "ledger/intake/submission_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace parlor::ledger::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kNever = 1h;

class SubmissionQueueTest : public testing::Test {
 protected:
    // `traceparent` serves as its name.
    static Submission submission(const ConversationId& conversation, const std::string& name,
                                 std::size_t drafts = 1) {
        Submission made{.site = *SiteId::parse("shop"), .conversation = conversation};
        made.content = std::vector<CheckedDraft>(drafts, CheckedDraft{{}, RequestId::generate()});
        made.bytes = 100;
        made.traceparent = name;
        return made;
    }
    static std::vector<std::string> names(const SubmissionQueue::Taken& taken) {
        std::vector<std::string> all;
        for (const auto& each : taken.submissions) all.push_back(each.traceparent);
        return all;
    }
    // What another thread takes, when it gets something.
    static std::future<SubmissionQueue::Taken> takeAside(SubmissionQueue& queue) {
        return std::async(std::launch::async, [&queue] { return queue.take(); });
    }
    static bool isWaiting(const std::future<SubmissionQueue::Taken>& taken) {
        return taken.wait_for(50ms) == std::future_status::timeout;
    }

    const ConversationId a = ConversationId::generate();
    const ConversationId b = ConversationId::generate();
    const ConversationId c = ConversationId::generate();
};

TEST_F(SubmissionQueueTest, GivesTheOldestUpToAsManyDraftsAsFit) {
    SubmissionQueue queue({}, {.drafts = 3});
    queue.push(submission(a, "a1", 2));
    queue.push(submission(b, "b1", 2));
    queue.push(submission(a, "a2"));
    const auto first = queue.take();
    EXPECT_THAT(names(first), ElementsAre("a1", "a2"));
    EXPECT_EQ(queue.size(), 1U);
    queue.giveBack(first.conversations);
    queue.push(submission(c, "c1", 9));
    const auto second = queue.take();
    EXPECT_THAT(names(second), ElementsAre("b1"));
    queue.giveBack(second.conversations);
    EXPECT_THAT(names(queue.take()), ElementsAre("c1")) << "more than fits, but the first";
}

TEST_F(SubmissionQueueTest, AConversationIsWithOneAtATime) {
    SubmissionQueue queue({}, {.drafts = 1, .beside = 1, .patience = kNever});
    queue.push(submission(a, "a1"));
    queue.push(submission(a, "a2"));
    queue.push(submission(b, "b1"));
    const auto first = queue.take();
    EXPECT_THAT(names(first), ElementsAre("a1"));
    const auto beside = queue.take();
    EXPECT_THAT(names(beside), ElementsAre("b1"));
    queue.push(submission(a, "a3"));
    auto next = takeAside(queue);
    EXPECT_TRUE(isWaiting(next));
    queue.giveBack(beside.conversations);
    EXPECT_TRUE(isWaiting(next));
    queue.push(submission(c, "c1"));
    EXPECT_THAT(names(next.get()), ElementsAre("c1"));
    queue.giveBack(first.conversations);
    EXPECT_THAT(names(queue.take()), ElementsAre("a2"));
}

TEST_F(SubmissionQueueTest, ASecondTransactionWaitsForEnoughToDo) {
    SubmissionQueue queue({}, {.beside = 3, .patience = kNever});
    queue.push(submission(a, "a1"));
    const auto first = queue.take();
    auto second = takeAside(queue);
    queue.push(submission(b, "b1"));
    queue.push(submission(a, "a2", 5));  // cannot be taken beside, so it does not count
    EXPECT_TRUE(isWaiting(second));
    queue.push(submission(c, "c1", 2));
    EXPECT_THAT(names(second.get()), ElementsAre("b1", "c1"));
}

TEST_F(SubmissionQueueTest, NobodyWaitsForATransactionThatTakesLong) {
    SubmissionQueue queue({}, {.beside = 100, .patience = 10ms});
    queue.push(submission(a, "a1"));
    const auto first = queue.take();
    auto second = takeAside(queue);
    queue.push(submission(b, "b1"));
    EXPECT_THAT(names(second.get()), ElementsAre("b1"));
}

TEST_F(SubmissionQueueTest, LingersForCompany) {
    SubmissionQueue queue({}, {.drafts = 2, .linger = kNever});
    queue.push(submission(a, "a1"));
    auto taken = takeAside(queue);
    EXPECT_TRUE(isWaiting(taken));
    queue.push(submission(b, "b1"));
    EXPECT_THAT(names(taken.get()), ElementsAre("a1", "b1"));
}

TEST_F(SubmissionQueueTest, IsBounded) {
    SubmissionQueue queue({.submissions = 2, .bytes = 250}, {});
    EXPECT_TRUE(queue.push(submission(a, "a1")));
    auto large = submission(a, "a2");
    large.bytes = 200;
    EXPECT_FALSE(queue.push(std::move(large)));
    EXPECT_TRUE(queue.push(submission(b, "b1")));
    EXPECT_FALSE(queue.push(submission(c, "c1")));
    const auto taken = queue.take();
    EXPECT_TRUE(queue.push(submission(c, "c1"))) << "what has been taken leaves room";
}

TEST_F(SubmissionQueueTest, ClosedItGivesWhatIsThereAndEndsAllWhoWait) {
    SubmissionQueue queue({}, {.drafts = 1, .beside = 1, .patience = kNever});
    queue.push(submission(a, "a1"));
    queue.push(submission(a, "a2"));
    const auto first = queue.take();
    auto waiting = takeAside(queue);
    queue.close();
    EXPECT_FALSE(queue.push(submission(b, "b1")));
    EXPECT_FALSE(queue.finished());
    EXPECT_TRUE(isWaiting(waiting)) << "there is more, of a conversation that another has";
    queue.giveBack(first.conversations);
    EXPECT_THAT(names(waiting.get()), ElementsAre("a2"));
    EXPECT_TRUE(queue.finished());
    EXPECT_THAT(names(queue.take()), IsEmpty());
}

// Several take and give back as fast as they can: everything comes once, in its order.
TEST_F(SubmissionQueueTest, KeepsEveryConversationsOrderAmongMany) {
    constexpr int kEach = 500;
    SubmissionQueue queue({}, {.drafts = 4, .beside = 2, .patience = 1ms});
    const std::vector<ConversationId> conversations{a, b, c};
    std::mutex mutex;
    std::unordered_map<ConversationId, std::vector<std::string>> seen;  // mutex
    std::vector<std::thread> takers;
    for (int i = 0; i < 3; ++i) {
        takers.emplace_back([&] {
            while (!queue.finished()) {
                const auto taken = queue.take();
                {
                    const std::scoped_lock lock(mutex);
                    for (const auto& each : taken.submissions) {
                        seen[each.conversation].push_back(each.traceparent);
                    }
                }
                queue.giveBack(taken.conversations);
            }
        });
    }
    std::vector<std::string> sent;
    for (int i = 0; i < kEach; ++i) {
        sent.push_back(std::to_string(i));
        for (const auto& conversation : conversations) {
            EXPECT_TRUE(queue.push(submission(conversation, sent.back())));
        }
    }
    queue.close();
    for (auto& taker : takers) taker.join();
    for (const auto& conversation : conversations) EXPECT_EQ(seen[conversation], sent);
}

}  // namespace
}  // namespace parlor::ledger::test
