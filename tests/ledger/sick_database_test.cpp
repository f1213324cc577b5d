// A ledger at work while its database is down, read-only or full, or restarted again and again.
// Gateways post all the time, each draft until it is confirmed, as they do. While it lasts nothing
// is confirmed; afterwards, without a restart of the ledger, everything is recorded exactly once
// and every receipt is true.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "tests/ledger/store_suite.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;

constexpr std::chrono::seconds kLimit{60};
constexpr std::chrono::milliseconds kSendAgain{100};

struct Place {
    ConversationId conversation;
    std::uint64_t seq;
    bool operator==(const Place&) const = default;
};

// A gateway with one draft after the other.
class Traffic {
 public:
    Traffic(bus::MemoryBroker& broker, std::vector<ConversationId> conversations)
        : conversations_(std::move(conversations)), sender_(broker) {
        thread_ = std::thread([this] { run(); });
    }
    ~Traffic() { finish(); }
    Traffic(const Traffic&) = delete;
    Traffic& operator=(const Traffic&) = delete;

    // When the last draft is confirmed.
    void finish() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
    }
    std::size_t confirmed() const { return confirmed_; }
    // How often the draft was sent that waits to be confirmed.
    std::size_t attempts() const { return attempts_; }
    // By request; after finish().
    const std::multimap<std::string, Place>& receipts() const { return receipts_; }

 private:
    void run() {
        const auto giveUp = bus::Clock::now() + 2 * kLimit;
        for (std::size_t i = 0; !stopping_; ++i) {
            const auto& conversation = conversations_[i % conversations_.size()];
            const auto post = sender_.postMessage(conversation, {message(std::string(6000, 'x'))});
            for (attempts_ = 0; !isConfirmed(conversation, post);) {
                if (bus::Clock::now() > giveUp) {
                    ADD_FAILURE() << "it is never confirmed";
                    return;
                }
            }
            ++confirmed_;
        }
    }
    bool isConfirmed(const ConversationId& conversation, const bus::Message& post) {
        sender_.client().publish(post);
        ++attempts_;
        const auto answer = answerTo(post);
        if (!answer) return false;
        const auto response = decode<v1::Response>(answer->payload);
        if (!response || response->post().receipts_size() != 1) {
            ADD_FAILURE() << "not what a sender understands";
            return false;
        }
        const auto& receipt = response->post().receipts(0);
        if (receipt.has_recorded()) {
            receipts_.emplace(receipt.request_id(), Place{conversation, receipt.recorded().seq()});
            return true;
        }
        EXPECT_EQ(receipt.failure().code(), v1::ERROR_CODE_OVERLOADED) << "a sender would give up";
        return false;
    }

    // None in the time after which it is sent again.
    std::optional<bus::Message> answerTo(const bus::Message& post) {
        std::optional<bus::Message> answer;
        const auto hasCome = [&] {
            for (auto& message : sender_.client().take()) {
                if (message.correlationData == post.correlationData) answer = std::move(message);
            }
            return answer.has_value();
        };
        return eventually(hasCome, kSendAgain) ? answer : std::nullopt;
    }

    const std::vector<ConversationId> conversations_;
    Sender sender_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::size_t> confirmed_{0};
    std::atomic<std::size_t> attempts_{0};
    std::multimap<std::string, Place> receipts_;  // thread_, then whoever joined it
    std::thread thread_;
};

class SickDatabaseTest : public testing::TestWithParam<Dialect> {
 protected:
    void SetUp() override { begin(Database::Disk::large); }
    void TearDown() override {
        traffic_.clear();
        if (ledger_) ledger_->stop(bus::Clock::now() + std::chrono::seconds(10));
    }

    void begin(Database::Disk disk) {
        database_ = Database::start(GetParam(), disk);
        store_ = std::make_unique<SqlStore>(database_->url());
        ASSERT_TRUE(store_->migrate());
        bus_ = broker_.makeClient("ledger");
        ledger_ = std::make_unique<Ledger>(patientOptions(), *store_, *bus_, testLog());
        ledger_->start();
        ASSERT_TRUE(eventually([&] { return ledger_->subscribed() && ledger_->caughtUp(); }));
        Sender gateway(broker_);
        for (int i = 0; i < kConversations; ++i) {
            const auto request = openRequest();
            ASSERT_TRUE(gateway.open(request).has_open());
            conversations_.push_back(*ConversationId::parse(request.conversation()));
        }
        for (int i = 0; i < kGateways; ++i) {
            traffic_.push_back(std::make_unique<Traffic>(broker_, conversations_));
        }
        ASSERT_TRUE(goesOn());
    }

    std::size_t confirmed() const {
        std::size_t sum = 0;
        for (const auto& each : traffic_) sum += each->confirmed();
        return sum;
    }
    bool goesOn() {
        const auto enough = confirmed() + 40;
        return eventually([&] { return confirmed() >= enough; }, kLimit);
    }
    // It says so, and every gateway has sent the same again and again.
    bool standsStill() {
        const auto all = [&] {
            return !ledger_->recording() &&
                   std::all_of(traffic_.begin(), traffic_.end(),
                               [](const auto& each) { return each->attempts() > 5; });
        };
        return eventually(all, kLimit);
    }
    void expectRecovery() {
        EXPECT_TRUE(goesOn());
        for (const auto& each : traffic_) each->finish();
        EXPECT_TRUE(eventually([&] { return ledger_->recording() && ledger_->caughtUp(); }));
        expectEverythingExactlyOnce();
    }
    void expectEverythingExactlyOnce() {
        std::multimap<std::string, Place> receipts;
        for (const auto& each : traffic_) {
            receipts.insert(each->receipts().begin(), each->receipts().end());
        }
        std::size_t recorded = 0;
        for (const auto& conversation : conversations_) {
            for (const auto& event : recordOf(conversation)) {
                if (!event.has_message()) continue;
                ++recorded;
                ASSERT_EQ(receipts.count(event.request_id()), 1U);
                EXPECT_EQ(receipts.find(event.request_id())->second,
                          (Place{conversation, event.seq()}));
            }
        }
        EXPECT_EQ(recorded, receipts.size());
    }
    // Without gaps, each chained to the one before, and the last one is what the broker has.
    std::vector<v1::Event> recordOf(const ConversationId& conversation) {
        Sender gateway(broker_);
        std::vector<v1::Event> events;
        std::string previous;
        for (;;) {
            const auto page = gateway.history(conversation, events.size()).history();
            if (page.events_size() == 0) break;
            for (const auto& event : page.events()) {
                EXPECT_EQ(event.seq(), events.size() + 1);
                EXPECT_EQ(event.previous_hash(), previous);
                previous = canonicalHash(event);
                events.push_back(event);
            }
        }
        EXPECT_TRUE(eventually([&] { return retainedHead(conversation) == events.size(); }));
        return events;
    }
    std::uint64_t retainedHead(const ConversationId& conversation) {
        Client late(broker_, "late-" + Ulid::generate().str());
        late.subscribe({topics::filters::conversationOut(kSite, conversation)});
        broker_.drain();
        const auto events = eventsOf(late.take());
        return events.empty() ? 0 : events.front().seq();
    }

    static constexpr int kConversations = 5;
    static constexpr int kGateways = 4;
    std::unique_ptr<Database> database_;
    std::unique_ptr<SqlStore> store_;
    bus::MemoryBroker broker_;
    std::unique_ptr<bus::Bus> bus_;
    std::unique_ptr<Ledger> ledger_;
    std::vector<ConversationId> conversations_;
    std::vector<std::unique_ptr<Traffic>> traffic_;
};

TEST_P(SickDatabaseTest, ReadOnly) {
    if (!database_->setReadOnly(true)) GTEST_SKIP() << "not on this file system";
    EXPECT_TRUE(standsStill());
    Sender gateway(broker_);
    EXPECT_GT(gateway.history(conversations_[0]).history().head_seq(), 1U) << "reads go on";
    ASSERT_TRUE(database_->setReadOnly(false));
    expectRecovery();
}

class SickServerTest : public SickDatabaseTest {};

TEST_P(SickServerTest, Down) {
    database_->kill();
    EXPECT_TRUE(standsStill());
    Sender gateway(broker_);
    EXPECT_EQ(gateway.history(conversations_[0]).failure().code(), v1::ERROR_CODE_UNAVAILABLE);
    database_->restart();
    expectRecovery();
}

TEST_P(SickServerTest, RestartedAgainAndAgain) {
    for (int round = 0; round < 3; ++round) {
        database_->kill();
        database_->restart();
        ASSERT_TRUE(goesOn());
    }
    expectRecovery();
}

// On a disk that a test fills.
class SmallDiskTest : public SickDatabaseTest {
 protected:
    explicit SmallDiskTest(Database::Disk disk) : disk_(disk) {}
    void SetUp() override {
        if (!SmallDisk::isAllowed()) GTEST_SKIP() << "mounting a file system takes root's rights";
        begin(disk_);
    }

 private:
    const Database::Disk disk_;
};

// PostgreSQL ends itself where its log of changes finds no room, and starts in vain as long as
// there is none.
class FullLogTest : public SmallDiskTest {
 protected:
    FullLogTest() : SmallDiskTest(Database::Disk::smallLog) {}
};

TEST_P(FullLogTest, LosesNothingAndGoesOnOnceItIsStartedWithRoom) {
    for (int round = 0; round < 2; ++round) {
        database_->disk()->fill();
        EXPECT_TRUE(standsStill());
        EXPECT_TRUE(eventually([&] { return !database_->isRunning(); }, kLimit));
        Sender gateway(broker_);
        EXPECT_EQ(gateway.history(conversations_[0]).failure().code(), v1::ERROR_CODE_UNAVAILABLE);
        database_->disk()->makeRoom();
        database_->restart();
        ASSERT_TRUE(goesOn());
    }
    expectRecovery();
}

class FullDatabaseTest : public SmallDiskTest {
 protected:
    FullDatabaseTest() : SmallDiskTest(Database::Disk::small) {}
};

TEST_P(FullDatabaseTest, StandsStillUntilThereIsRoom) {
    for (int round = 0; round < 2; ++round) {
        database_->disk()->fill();
        EXPECT_TRUE(standsStill());
        Sender gateway(broker_);
        const auto head = gateway.history(conversations_[0]).history().head_seq();
        // MariaDB ends itself where a rollback finds no room.
        EXPECT_TRUE(head > 1U || !database_->isRunning()) << "reads go on";
        database_->disk()->makeRoom();
        if (!database_->isRunning()) database_->restart();
        ASSERT_TRUE(goesOn());
    }
    expectRecovery();
}

INSTANTIATE_TEST_SUITE_P(Databases, SickDatabaseTest, everyDatabase(), databaseName);
INSTANTIATE_TEST_SUITE_P(Servers, SickServerTest, everyServer(), databaseName);
INSTANTIATE_TEST_SUITE_P(Databases, FullLogTest, testing::Values(Dialect::postgresql),
                         databaseName);
INSTANTIATE_TEST_SUITE_P(Databases, FullDatabaseTest, everyDatabase(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
