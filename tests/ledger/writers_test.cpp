// One ledger with several transactions at a time: each conversation keeps its order.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/ledger/store_suite.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;

constexpr std::size_t kConversations = 12;
constexpr int kPosts = 60;

class WritersTest : public StoreSuite {
 protected:
    void SetUp() override {
        ASSERT_NO_FATAL_FAILURE(StoreSuite::SetUp());
        bus_ = broker_.makeClient("ledger");
        auto options = patientOptions();
        options.intake.writers = 3;
        // So that a conversation's posts are in many transactions, and these beside each other.
        options.intake.pace = {.drafts = 8, .beside = 4};
        ledger_ = std::make_unique<Ledger>(options, *store_, *bus_, testLog());
        ledger_->start();
        ASSERT_TRUE(eventually([&] { return ledger_->subscribed() && ledger_->caughtUp(); }));
    }
    void TearDown() override { ledger_->stop(bus::Clock::now() + std::chrono::seconds(10)); }

    bus::MemoryBroker broker_;
    std::unique_ptr<bus::Bus> bus_;
    std::unique_ptr<Ledger> ledger_;
};

TEST_P(WritersTest, EveryConversationKeepsItsOrder) {
    Sender gateway(broker_);
    Client observer(broker_, "observer");
    std::vector<ConversationId> conversations;
    for (std::size_t i = 0; i < kConversations; ++i) {
        const auto request = openRequest();
        ASSERT_TRUE(gateway.open(request).has_open());
        conversations.push_back(*ConversationId::parse(request.conversation()));
        observer.subscribe({topics::filters::conversationOut(kSite, conversations.back())});
    }
    broker_.drain();
    observer.take();

    // None waits for the receipt of the one before.
    std::vector<bus::Message> posts;
    for (int i = 0; i < kPosts; ++i) {
        for (const auto& conversation : conversations) {
            posts.push_back(gateway.postMessage(
                conversation,
                {message(std::to_string(2 * i)), message(std::to_string(2 * i + 1))}));
            gateway.client().publish(posts.back());
        }
    }
    for (const auto& post : posts) {
        const auto answer = gateway.answerTo(post);
        ASSERT_EQ(answer.post().receipts_size(), 2);
        for (const auto& receipt : answer.post().receipts()) {
            ASSERT_TRUE(receipt.has_recorded()) << receipt.failure().text();
        }
    }
    broker_.drain();

    std::map<std::string, std::uint64_t> heads;
    for (const auto& event : eventsOf(observer.take())) {
        const auto seq = ++heads.try_emplace(event.conversation(), 1).first->second;
        ASSERT_EQ(event.seq(), seq) << "announced out of order";
        ASSERT_EQ(event.message().text(), std::to_string(seq - 2)) << "recorded out of order";
    }
    EXPECT_EQ(heads.size(), kConversations);
    for (const auto& [id, head] : heads) EXPECT_EQ(head, 2U * kPosts + 1) << id;
}

INSTANTIATE_TEST_SUITE_P(Databases, WritersTest, everyDatabase(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
