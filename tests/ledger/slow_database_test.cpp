// A database that does not answer in time: a lock that somebody else holds, a server that stands
// still. Posts wait unconfirmed, reads go on where they can, and when it is over every draft is in
// the record exactly once, without a restart.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "ledger/store/sql_session.h"
#include "tests/ledger/store_suite.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::SizeIs;

// Longer than any statement may take, on a busy machine too.
constexpr std::chrono::seconds kLimit{60};

class SlowDatabaseTest : public testing::TestWithParam<Dialect> {
 protected:
    void SetUp() override {
        database_ = Database::start(GetParam());
        store_ = std::make_unique<SqlStore>(database_->url(), answerWithin());
        ASSERT_TRUE(store_->migrate());
        bus_ = broker_.makeClient("ledger");
        Ledger::Options options;
        options.intake.queue.submissions = kRoom;
        options.intake.stuckAfter = stuckAfter();
        ledger_ = std::make_unique<Ledger>(options, *store_, *bus_, testLog());
        ledger_->start();
        ASSERT_TRUE(eventually([&] { return ledger_->subscribed() && ledger_->caughtUp(); }));
        gateway_ = std::make_unique<Sender>(broker_);
        const auto request = openRequest();
        ASSERT_TRUE(gateway_->open(request).has_open());
        conversation_ = *ConversationId::parse(request.conversation());
        ASSERT_EQ(gateway_->post(conversation_, message("before")).recorded().seq(), 2U);
    }
    void TearDown() override { ledger_->stop(bus::Clock::now() + std::chrono::seconds(10)); }

    // Never: what fails here fails by the deadline of a statement.
    virtual std::chrono::milliseconds stuckAfter() const { return std::chrono::hours(1); }
    virtual std::chrono::milliseconds answerWithin() const { return SqlDatabase::kAnswerWithin; }

    // A post under way, its repetition, as many more as there is room for, and more than that.
    void sendMoreThanFits() {
        posts_.push_back(drafts());
        const auto first = gateway_->postMessage(conversation_, posts_.front());
        gateway_->client().publish(first);
        ASSERT_TRUE(eventually([&] { return !ledger_->recording(); }, kLimit));
        gateway_->client().publish(first);
        for (std::size_t i = 0; i < kRoom + 2; ++i) {
            posts_.push_back(drafts());
            gateway_->client().publish(gateway_->postMessage(conversation_, posts_.back()));
        }
        broker_.drain();
    }
    // What was answered meanwhile: that there was no room, and nothing else.
    void expectNothingConfirmed() {
        broker_.drain();
        std::size_t overloaded = 0;
        for (const auto& message : gateway_->client().take()) {
            const auto response = decode<v1::Response>(message.payload);
            ASSERT_TRUE(response);
            for (const auto& receipt : response->post().receipts()) {
                EXPECT_FALSE(receipt.has_recorded()) << "a false receipt";
                EXPECT_EQ(receipt.failure().code(), v1::ERROR_CODE_OVERLOADED);
                ++overloaded;
            }
        }
        EXPECT_GE(overloaded, 2U);
    }
    // As its sender does: again, until there is a receipt for each draft.
    bool deliver(const std::vector<v1::Draft>& post) {
        return eventually(
            [&] {
                const auto answer = gateway_->post(conversation_, post);
                if (answer.post().receipts_size() != static_cast<int>(post.size())) return false;
                for (const auto& receipt : answer.post().receipts()) {
                    if (!receipt.has_recorded()) return false;
                    places_[receipt.request_id()].insert(receipt.recorded().seq());
                }
                return true;
            },
            kLimit);
    }
    void expectEverythingExactlyOnce() {
        for (const auto& post : posts_) ASSERT_TRUE(deliver(post));
        for (const auto& post : posts_) ASSERT_TRUE(deliver(post));
        EXPECT_TRUE(ledger_->recording());
        std::size_t drafts = 0;
        for (const auto& post : posts_) drafts += post.size();
        EXPECT_THAT(places_, SizeIs(drafts));
        const auto page = gateway_->history(conversation_).history();
        EXPECT_EQ(page.head_seq(), drafts + 2);
        std::uint64_t seq = 0;
        for (const auto& event : page.events()) {
            EXPECT_EQ(event.seq(), ++seq);
            if (seq > 2) {
                EXPECT_EQ(places_[event.request_id()], std::set<std::uint64_t>{seq});
            }
        }
        EXPECT_EQ(seq, page.head_seq());
    }
    std::uint64_t head() {
        return store_->makeReader()
            ->conversations(std::span(&conversation_, 1))
            ->front()
            .shared.seq;
    }

    static constexpr std::size_t kRoom = 6;
    std::unique_ptr<Database> database_;
    std::unique_ptr<SqlStore> store_;
    bus::MemoryBroker broker_;
    std::unique_ptr<bus::Bus> bus_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<Sender> gateway_;
    ConversationId conversation_;
    std::vector<std::vector<v1::Draft>> posts_;
    std::map<std::string, std::set<std::uint64_t>> places_;  // told to senders, by request

    static std::vector<v1::Draft> drafts() { return {message("a"), message("b")}; }
};

// Holds what recording needs, as a backup, an administrator's session or another program might.
class Blocker {
 public:
    explicit Blocker(const DatabaseUrl& url)
        : database_(url), session_(database_, SessionUse::write) {
        if (url.dialect == Dialect::postgresql) {
            session_.runText("SET idle_in_transaction_session_timeout = 0");
        }
        session_.begin();
        if (url.dialect != Dialect::sqlite) {  // there the transaction itself is the lock
            session_.runText("UPDATE heads SET spoken_at = spoken_at + 0");
        }
    }
    void letGo() { session_.rollback(); }

 private:
    SqlDatabase database_;
    SqlSession session_;
};

TEST_P(SlowDatabaseTest, SomebodyElsesLockIsWaitedFor) {
    Blocker blocker(database_->url());
    // It does not wait for ever: the transaction fails though the lock stays.
    sendMoreThanFits();
    expectNothingConfirmed();
    EXPECT_EQ(head(), 2U);
    EXPECT_EQ(gateway_->history(conversation_).history().head_seq(), 2U) << "reads go on";
    blocker.letGo();
    EXPECT_TRUE(eventually([&] { return ledger_->recording(); }, kLimit));
    expectEverythingExactlyOnce();
}

class StoppedServerTest : public SlowDatabaseTest {
 protected:
    std::chrono::milliseconds stuckAfter() const override { return std::chrono::seconds(1); }
};

TEST_P(StoppedServerTest, AServerThatStandsStillConfirmsNothing) {
    database_->freeze();
    sendMoreThanFits();
    expectNothingConfirmed();
    database_->thaw();
    EXPECT_TRUE(eventually([&] { return ledger_->recording(); }, kLimit));
    expectEverythingExactlyOnce();
}

// Nobody waits for one that does not answer.
class UnansweredTest : public SlowDatabaseTest {
 protected:
    std::chrono::milliseconds answerWithin() const override { return std::chrono::seconds(1); }
};

TEST_P(UnansweredTest, IsGivenUpAndAskedAgainWhenItGoesOn) {
    database_->freeze();
    sendMoreThanFits();  // until the transaction has failed
    EXPECT_EQ(gateway_->history(conversation_).failure().code(), v1::ERROR_CODE_UNAVAILABLE);
    database_->thaw();
    EXPECT_TRUE(eventually([&] { return ledger_->recording(); }, kLimit));
    expectEverythingExactlyOnce();
}

// Also where it stands still while it commits, and nobody knows whether it has.
TEST_P(UnansweredTest, WhereverItStandsStillNothingIsLostOrDoubled) {
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 10 + round; ++i) {
            posts_.push_back(drafts());
            gateway_->client().publish(gateway_->postMessage(conversation_, posts_.back()));
            std::this_thread::sleep_for(std::chrono::microseconds(900));  // about a transaction
        }
        database_->freeze();
        // What had been recorded before would be confirmed without a transaction.
        posts_.push_back(drafts());
        gateway_->client().publish(gateway_->postMessage(conversation_, posts_.back()));
        ASSERT_TRUE(eventually([&] { return !ledger_->recording(); }, kLimit));
        database_->thaw();
        ASSERT_TRUE(eventually([&] { return ledger_->recording(); }, kLimit));
    }
    expectEverythingExactlyOnce();
}

TEST_P(SlowDatabaseTest, WhoeverStopsDoesNotWaitForAServerThatStandsStill) {
    constexpr std::chrono::seconds kStop{2};
    database_->freeze();
    gateway_->client().publish(gateway_->postMessage(conversation_, {message("lost")}));
    broker_.drain();
    const auto begin = bus::Clock::now();
    store_->endAt(begin + kStop);
    ledger_->stop(begin + kStop);
    EXPECT_LT(bus::Clock::now() - begin, kStop + std::chrono::seconds(2));
}

INSTANTIATE_TEST_SUITE_P(Servers, UnansweredTest, everyServer(), databaseName);
INSTANTIATE_TEST_SUITE_P(Databases, SlowDatabaseTest, everyDatabase(), databaseName);
INSTANTIATE_TEST_SUITE_P(Servers, StoppedServerTest, everyServer(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
