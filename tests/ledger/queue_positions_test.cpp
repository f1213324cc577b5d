// Who of a long queue is told what, and when.

#include "ledger/dispatch/queue_positions.h"

#include <gmock/gmock.h>

#include "proto/codec.h"
#include "proto/topics.h"
#include "tests/ledger/world.h"

namespace parlor::ledger::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class OneQueue final : public DispatchReader {
 public:
    explicit OneQueue(std::vector<ConversationId>& queue) : queue_(queue) {}

    Expected<std::vector<ConversationId>> queue(const SiteId&, const DepartmentId&,
                                                std::uint32_t limit) override {
        const auto some = std::min<std::size_t>(limit, queue_.size());
        return std::vector<ConversationId>(queue_.begin(),
                                           queue_.begin() + static_cast<std::ptrdiff_t>(some));
    }
    Expected<std::vector<Conversation>> unoffered(const SiteId&, const DepartmentId&,
                                                  std::uint32_t) override {
        return none();
    }
    Expected<std::vector<Conversation>> offered(const SiteId&) override { return none(); }
    Expected<std::vector<Conversation>> heldBy(const AgentKey&) override { return none(); }
    Expected<std::vector<Conversation>> silent(const SiteId&, const DepartmentId&, std::int64_t,
                                               std::uint32_t) override {
        return none();
    }
    Expected<Loads> loads(std::span<const AgentKey>) override { return Loads(); }
    Expected<std::optional<AgentId>> lastServed(const SiteId&, const std::string&) override {
        return std::optional<AgentId>();
    }

 private:
    static std::vector<Conversation> none() { return {}; }

    std::vector<ConversationId>& queue_;
};

class QueuePositionsTest : public testing::Test {
 protected:
    QueuePositionsTest() {
        bus_->start({});
        listener_->start({.onMessage = [this](bus::Message&& message) {
            const auto topic = topics::parse(message.topic);
            const auto live = decode<v1::Live>(message.payload);
            told_[std::get<topics::LiveOut>(*topic).conversation] = live->queue_position();
        }});
        listener_->subscribe({"parlor/+/c/+/out/live/ledger"}, bus::Qos::atMostOnce, {},
                             bus::Clock::now() + std::chrono::seconds(5));
        broker_.drain();
    }
    ~QueuePositionsTest() override {
        const auto deadline = bus::Clock::now() + std::chrono::seconds(5);
        bus_->stop(deadline);
        listener_->stop(deadline);
    }
    void comes(std::size_t many) {
        for (std::size_t i = 0; i < many; ++i) queue_.push_back(ConversationId::generate());
    }
    // Who was told, and what.
    std::map<ConversationId, v1::QueuePosition> tell(bool all, std::uint32_t waitS = 0) {
        told_.clear();
        const auto count = positions_.tell(kSite, kAll, waitS, all);
        EXPECT_TRUE(count);
        broker_.drain();
        return told_;
    }

    const DepartmentId kAll = *DepartmentId::parse("general");
    std::vector<ConversationId> queue_;
    bus::MemoryBroker broker_;
    const std::unique_ptr<bus::Bus> bus_ = broker_.makeClient("ledger");
    const std::unique_ptr<bus::Bus> listener_ = broker_.makeClient("listener");
    std::map<ConversationId, v1::QueuePosition> told_;
    Metrics metrics_;
    Announcer announcer_{*bus_, metrics_, true, [] {}};
    QueuePositions positions_{std::make_unique<OneQueue>(queue_), announcer_};
};

TEST_F(QueuePositionsTest, OnlyThoseForWhomSomethingChangedAreTold) {
    comes(3);
    EXPECT_THAT(tell(false), SizeIs(3));
    EXPECT_THAT(tell(false), IsEmpty());
    queue_.erase(queue_.begin() + 1);
    const auto told = tell(false);
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(told.at(queue_[1]).position(), 2U);
    EXPECT_THAT(tell(true), SizeIs(2));
    queue_.clear();
    EXPECT_THAT(tell(true), IsEmpty());
}

TEST_F(QueuePositionsTest, WhoWaitsFarBackIsToldWhenAllAre) {
    comes(QueuePositions::kFirst + 100);
    EXPECT_THAT(tell(false), SizeIs(QueuePositions::kFirst));
    const auto all = tell(true, 600);
    ASSERT_THAT(all, SizeIs(QueuePositions::kFirst + 100));
    EXPECT_EQ(all.at(queue_.back()).position(), QueuePositions::kFirst + 100);
    EXPECT_EQ(all.at(queue_.back()).expected_wait_s(), 600U);
    // The estimate is of the whole queue, also where only its beginning is looked at.
    EXPECT_THAT(tell(false, 600), IsEmpty());
    queue_.erase(queue_.begin());
    const auto first = tell(false, 600);
    ASSERT_THAT(first, SizeIs(QueuePositions::kFirst));
    EXPECT_EQ(first.at(queue_[149]).expected_wait_s(), 300U);
    // And whoever moves up is told as it is.
    queue_.erase(queue_.begin(), queue_.begin() + 150);
    EXPECT_THAT(tell(false, 600), SizeIs(149));
}

TEST_F(QueuePositionsTest, PastTheMostNobodyIsTold) {
    comes(QueuePositions::kMost + 10);
    EXPECT_THAT(tell(true), SizeIs(QueuePositions::kMost));
}

}  // namespace
}  // namespace parlor::ledger::test
