// Crashes, lost state, a database that is away: nothing lost, nothing twice, no restart needed.

#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "ledger/search/erasure.h"
#include "tests/ledger/fault_bus.h"
#include "tests/ledger/fault_store.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::IsEmpty;
using testing::SizeIs;

std::string queueTopic(const ConversationId& conversation) {
    return topics::format(topics::Queue{kSite, *DepartmentId::parse("general"), conversation});
}

class RecoveryTest : public testing::Test {
 protected:
    World::Options options() {
        World::Options made;
        made.wrapBus = [faults = faults_](std::unique_ptr<bus::Bus> inner) {
            return std::make_unique<FaultBus>(std::move(inner), faults);
        };
        made.wrapStore = [faults = storeFaults_](Store& inner) {
            return std::make_unique<FaultStore>(inner, faults);
        };
        return made;
    }
    World::Options oneOfSeveral() {
        storeFaults_->shared = true;
        auto made = options();
        made.ledger.intake.writers = 1;
        return made;
    }
    // What somebody who comes now finds retained.
    static std::vector<bus::Message> retained(World& world, const std::string& filter) {
        world.broker().drain();
        Client late(world.broker(), "late-" + Ulid::generate().str());
        late.subscribe({filter});
        world.broker().drain();
        return late.take();
    }
    std::vector<bus::Message> retained(const std::string& filter) {
        return retained(world_, filter);
    }
    bool retainedIs(const std::string& filter, std::size_t count) {
        return eventually([&] { return retained(filter).size() == count; });
    }
    // All that was recorded while the bus was mute has been published to nobody.
    bool repliesAreLost(int count) {
        return eventually([&] { return faults_->lostReplies == count; });
    }
    bool recorded(const ConversationId& conversation, std::uint64_t head) {
        const auto reader = world_.store().makeReader();
        return eventually([&] {
            const auto rows = reader->conversations(std::span(&conversation, 1));
            return rows && rows->size() == 1 && rows->front().shared.seq == head;
        });
    }

    const std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
    const std::shared_ptr<StoreFaults> storeFaults_ = std::make_shared<StoreFaults>();
    World world_{options()};
    Sender gateway_{world_.broker()};
    Sender alice_{world_.broker(), kAlice};
};

TEST_F(RecoveryTest, ACrashBetweenCommitAndPublishHealsWithTheRepeatedDraft) {
    const auto conversation = world_.open(gateway_);
    Client observer(world_.broker(), "observer");
    observer.subscribe({"parlor/+/c/+/out/#"});
    observer.take();

    const auto draft = message("almost lost");
    faults_->mute = true;
    const auto sent = gateway_.postMessage(conversation, {draft});
    gateway_.client().publish(sent);
    ASSERT_TRUE(recorded(conversation, 2));
    EXPECT_THAT(observer.take(), IsEmpty());
    world_.stopLedger();
    world_.startLedger();  // still mute: what it publishes on its own does not hide the healing
    faults_->mute = false;

    EXPECT_EQ(gateway_.post(conversation, draft).recorded().seq(), 2U);
    const auto events = eventsOf(observer.take());
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0].message().text(), "almost lost");
    EXPECT_EQ(gateway_.history(conversation).history().head_seq(), 2U);
}

TEST_F(RecoveryTest, ARepeatedAcceptPutsQueueAndAssignmentRight) {
    const auto conversation = world_.open(gateway_);
    const auto draft = accept();
    faults_->mute = true;
    alice_.client().publish(alice_.postMessage(conversation, {draft}));
    ASSERT_TRUE(repliesAreLost(1));
    faults_->mute = false;
    EXPECT_THAT(retained("parlor/+/q/+/+"), SizeIs(1));  // what the crash left
    EXPECT_TRUE(alice_.post(conversation, draft).has_recorded());
    EXPECT_THAT(retained("parlor/+/q/+/+"), IsEmpty());
    EXPECT_THAT(retained("parlor/+/a/alice/c/+"), SizeIs(1));
}

TEST_F(RecoveryTest, ACrashHealsWithoutTheSender) {
    const auto conversation = world_.open(gateway_);
    faults_->mute = true;
    gateway_.client().publish(gateway_.postMessage(conversation, {close()}));
    ASSERT_TRUE(recorded(conversation, 2));
    world_.stopLedger();
    faults_->mute = false;
    world_.startLedger();
    EXPECT_TRUE(retainedIs("parlor/+/q/+/+", 0));
    EXPECT_TRUE(eventually([&] {
        const auto heads = eventsOf(retained("parlor/+/c/+/out/log"));
        return heads.size() == 1 && heads[0].has_closed();
    }));
}

// Of what a replica recorded and did not live to tell, nobody else hears.
TEST_F(RecoveryTest, WhatWasNotToldIsToldInTime) {
    auto quick = options();
    quick.ledger.herald.again = std::chrono::milliseconds(50);
    quick.ledger.herald.pace = std::chrono::milliseconds(1);
    World world(quick);
    Sender gateway(world.broker());
    Sender alice(world.broker(), kAlice);
    const auto held = world.open(gateway);
    const auto closed = world.open(gateway);
    faults_->mute = true;
    alice.client().publish(alice.postMessage(held, {accept()}));
    gateway.client().publish(gateway.postMessage(closed, {close()}));
    ASSERT_TRUE(repliesAreLost(2));
    faults_->mute = false;

    const auto states = [&] {
        Client late(world.broker(), "late-" + Ulid::generate().str());
        late.subscribe({"parlor/+/q/+/+", "parlor/+/a/+/c/+"});
        world.broker().drain();
        return statesOf(late.take());
    };
    const auto assigned = topics::format(topics::AssignedTo{kSite, kAlice, held});
    EXPECT_TRUE(eventually([&] { return states() == std::vector{assigned}; }));
    EXPECT_TRUE(world.ledger().caughtUp());
}

// What is told again in time never runs ahead of what is told for the first time.
TEST_F(RecoveryTest, WhatIsToldAgainKeepsTheOrder) {
    auto quick = options();
    quick.ledger.herald.again = std::chrono::milliseconds(1);
    quick.ledger.herald.pace = std::chrono::milliseconds(0);
    World world(quick);
    Sender gateway(world.broker());
    const auto conversation = world.open(gateway);
    Client observer(world.broker(), "observer");
    observer.subscribe({topics::filters::conversationOut(kSite, conversation)});
    std::vector<bus::Message> posts;
    for (int i = 0; i < 500; ++i) {
        posts.push_back(gateway.postMessage(conversation, {message("x")}));
        gateway.client().publish(posts.back());
    }
    for (const auto& post : posts) {
        ASSERT_TRUE(gateway.answerTo(post).post().receipts(0).has_recorded());
    }
    world.broker().drain();
    std::uint64_t head = 0;
    for (const auto& event : eventsOf(observer.take())) {
        ASSERT_GE(event.seq(), head);
        head = event.seq();
    }
    EXPECT_EQ(head, 501U);
}

// A conversation that was closed for a reason, which is erased before the broker is told of it.
class LateRecoveryTest : public RecoveryTest {
 protected:
    void SetUp() override {
        const auto conversation = shared_.open(sender_);
        faults_->late = true;
        ASSERT_TRUE(sender_.post(conversation, close("Main Street 5")).has_recorded());
        const auto eraser = shared_.store().makeEraser();
        const Deed deed{kSite, "root", "erase.visitor", conversation.str()};
        const auto erased = eraser->erase(kSite, conversation, stripped, termsOfEvent, deed);
        ASSERT_TRUE(erased && !erased->open);
    }
    std::vector<v1::Event> heads() { return eventsOf(retained(shared_, "parlor/+/c/+/out/log")); }

    World shared_{oneOfSeveral()};
    Sender sender_{shared_.broker()};
};

TEST_F(LateRecoveryTest, WhatAnotherErasedDoesNotStayRetained) {
    faults_->arrive();
    EXPECT_TRUE(eventually([&] {
        const auto found = heads();
        return found.size() == 1 && found[0].has_closed() && found[0].closed().reason().empty();
    }));
}

TEST_F(LateRecoveryTest, WhoeverStopsLooksOnceMoreAtWhatItToldLast) {
    shared_.stopLedger();
    const auto found = heads();
    ASSERT_THAT(found, SizeIs(1));
    ASSERT_TRUE(found[0].has_closed());
    EXPECT_EQ(found[0].closed().reason(), "");
}

TEST_F(RecoveryTest, ABrokerThatForgotIsToldAgain) {
    const auto waiting = world_.open(gateway_);
    const auto held = world_.open(gateway_);
    ASSERT_TRUE(alice_.post(held, accept()).has_recorded());
    ASSERT_TRUE(alice_.post(held, note("x")).has_recorded());
    const auto closed = world_.open(gateway_);
    ASSERT_TRUE(gateway_.post(closed, close()).has_recorded());

    world_.broker().cutConnections();
    world_.broker().dropRetained();
    world_.broker().restoreConnections();

    EXPECT_TRUE(retainedIs("parlor/+/c/+/out/log", 3));
    EXPECT_TRUE(retainedIs("parlor/+/c/+/staff/log", 1));
    EXPECT_TRUE(retainedIs("parlor/+/q/+/+", 1));
    EXPECT_TRUE(retainedIs("parlor/+/a/alice/c/+", 1));
    EXPECT_EQ(retained("parlor/+/q/+/+")[0].topic, queueTopic(waiting));
}

TEST_F(RecoveryTest, EntriesThatShouldNotBeThereAreCleared) {
    const auto waiting = world_.open(gateway_);
    const auto closed = world_.open(gateway_);
    ASSERT_TRUE(gateway_.post(closed, close()).has_recorded());
    world_.stopLedger();
    const std::vector<topics::Topic> wrong{
        topics::Queue{kSite, *DepartmentId::parse("general"), closed},
        topics::Queue{kSite, *DepartmentId::parse("other"), waiting},
        topics::Queue{*SiteId::parse("other"), *DepartmentId::parse("general"), waiting},
        topics::Queue{kSite, *DepartmentId::parse("general"), ConversationId::generate()},
        topics::AssignedTo{kSite, kAlice, waiting},
        topics::AssignedTo{kSite, kBob, ConversationId::generate()},
    };
    for (const auto& topic : wrong) {
        bus::Message stale;
        stale.topic = topics::format(topic);
        stale.payload = "stale";
        stale.retain = true;
        gateway_.client().publish(stale);
    }
    world_.startLedger();
    EXPECT_TRUE(retainedIs("parlor/+/q/+/+", 1));
    EXPECT_TRUE(retainedIs("parlor/+/a/+/c/+", 0));
    EXPECT_EQ(retained("parlor/+/q/+/+")[0].topic, queueTopic(waiting));
}

TEST_F(RecoveryTest, WhatTheBrokerDidNotConfirmIsPublishedAgain) {
    const auto conversation = world_.open(gateway_);
    Client observer(world_.broker(), "observer");
    observer.subscribe({"parlor/+/c/+/out/log"});
    observer.take();
    faults_->deaf = true;
    ASSERT_TRUE(gateway_.post(conversation, message("x")).has_recorded());
    faults_->deaf = false;
    const auto isSecond = [](const bus::Message& each) { return eventsOf({each})[0].seq() == 2; };
    EXPECT_TRUE(observer.await(isSecond));
    EXPECT_TRUE(observer.await(isSecond));
}

TEST_F(RecoveryTest, ABusyDatabaseIsWaitedFor) {
    const auto conversation = world_.open(gateway_);
    Poco::Data::Session blocker("SQLite", world_.databasePath());
    blocker << "BEGIN IMMEDIATE", Poco::Data::Keywords::now;
    const auto draft = message("x");
    const auto sent = gateway_.postMessage(conversation, {draft});
    gateway_.client().publish(sent);
    EXPECT_TRUE(eventually([&] { return !world_.ledger().recording(); }));
    gateway_.client().publish(sent);  // its sender tries again meanwhile
    blocker << "ROLLBACK", Poco::Data::Keywords::now;

    EXPECT_EQ(gateway_.answerTo(sent).post().receipts(0).recorded().seq(), 2U);
    EXPECT_EQ(gateway_.answerTo(sent).post().receipts(0).recorded().seq(), 2U);
    EXPECT_TRUE(world_.ledger().recording());
    EXPECT_EQ(gateway_.history(conversation).history().head_seq(), 2U);
}

// Stands for a full disk: no file of this process may grow past what the database has now.
class FullDisk {
 public:
    explicit FullDisk(const std::string& database) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const auto size = std::filesystem::file_size(database + "-wal");
        const rlimit now{.rlim_cur = size, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
    rlimit before_{};
};

TEST_F(RecoveryTest, AFullDiskIsWaitedFor) {
    const auto conversation = world_.open(gateway_);
    const auto sent = gateway_.postMessage(conversation, {message("x"), message("y")});
    {
        const FullDisk full(world_.databasePath());
        gateway_.client().publish(sent);
        EXPECT_TRUE(eventually([&] { return !world_.ledger().recording(); }));
        EXPECT_EQ(gateway_.history(conversation).history().head_seq(), 1U);
    }
    EXPECT_EQ(gateway_.answerTo(sent).post().receipts(1).recorded().seq(), 3U);
    EXPECT_TRUE(world_.ledger().recording());
    EXPECT_EQ(gateway_.history(conversation).history().head_seq(), 3U);
}

TEST_F(RecoveryTest, WhatTheDatabaseRefusesFailsAlone) {
    const auto bad = world_.open(gateway_);
    const auto good = world_.open(gateway_);
    storeFaults_->refuse(bad);
    // In one batch, for the first transaction fails and takes time.
    storeFaults_->failBefore = 1;
    std::vector<bus::Message> sent;
    for (const auto& conversation : {good, bad, good}) {
        sent.push_back(gateway_.postMessage(conversation, {message("x")}));
        gateway_.client().publish(sent.back());
    }
    EXPECT_EQ(gateway_.answerTo(sent[0]).post().receipts(0).recorded().seq(), 2U);
    EXPECT_EQ(gateway_.answerTo(sent[1]).post().receipts(0).failure().code(),
              v1::ERROR_CODE_INTERNAL);
    EXPECT_EQ(gateway_.answerTo(sent[2]).post().receipts(0).recorded().seq(), 3U);
}

TEST_F(RecoveryTest, ADatabaseThatRefusesIsBack) {
    const auto bad = world_.open(gateway_);
    storeFaults_->refuse(bad);
    storeFaults_->failBefore = 1;
    const auto sent = gateway_.postMessage(bad, {message("x")});
    gateway_.client().publish(sent);
    EXPECT_EQ(gateway_.answerTo(sent).post().receipts(0).failure().code(), v1::ERROR_CODE_INTERNAL);
    EXPECT_TRUE(eventually([&] { return world_.ledger().recording(); }));
}

TEST_F(RecoveryTest, WhatTheDatabaseRefusesOfDispatchHoldsUpNobody) {
    world_.staff({department("general", v1::ROUTING_LEAST_BUSY)},
                 {agent(kAlice, 1), agent(kBob, 2)});
    const auto offered = [&](const ConversationId& conversation, const AgentId& agent) {
        const auto topic = topics::format(topics::AssignedTo{kSite, agent, conversation});
        return eventually([&] { return !retained(topic).empty(); });
    };
    const auto says = [&](const AgentId& agent, v1::AgentStatus::State state) {
        tellStatus(gateway_.client(), agent, state);
    };
    const auto bad = world_.open(gateway_);
    says(kAlice, v1::AgentStatus::STATE_ONLINE);
    ASSERT_TRUE(offered(bad, kAlice));
    storeFaults_->refuse(bad);
    says(kAlice, v1::AgentStatus::STATE_AWAY);  // which ends the offer
    ASSERT_TRUE(eventually([&] { return storeFaults_->refusals > 0; }));

    says(kBob, v1::AgentStatus::STATE_ONLINE);
    EXPECT_TRUE(offered(world_.open(gateway_), kBob));
    EXPECT_LT(storeFaults_->refusals, 12);
    storeFaults_->refuse(std::nullopt);
    EXPECT_TRUE(offered(bad, kBob));
}

TEST_F(RecoveryTest, StoppingDoesNotWaitForADatabaseThatIsAway) {
    const auto conversation = world_.open(gateway_);
    storeFaults_->failBefore = 1'000'000;
    gateway_.client().publish(gateway_.postMessage(conversation, {message("x")}));
    ASSERT_TRUE(eventually([&] { return !world_.ledger().recording(); }));
    const auto begin = bus::Clock::now();
    world_.ledger().stop(begin + std::chrono::milliseconds(300));
    EXPECT_LT(bus::Clock::now() - begin, std::chrono::seconds(3));
    storeFaults_->failBefore = 0;
}

TEST_F(RecoveryTest, AReceiptMeansItIsOnDisk) {
    const auto conversation = world_.open(gateway_);
    // Somebody else who reads the file sees each event by the time its sender is told.
    const auto reader = world_.store().makeReader();
    for (std::uint64_t i = 2; i < 30; ++i) {
        ASSERT_EQ(gateway_.post(conversation, message("x")).recorded().seq(), i);
        const auto rows = reader->conversations(std::span(&conversation, 1));
        ASSERT_TRUE(rows);
        ASSERT_GE(rows->front().shared.seq, i);
    }
}

TEST_F(RecoveryTest, StoppingRecordsAndTellsWhatWasTaken) {
    const auto conversation = world_.open(gateway_);
    std::vector<bus::Message> sent;
    for (int i = 0; i < 200; ++i) {
        sent.push_back(gateway_.postMessage(conversation, {message("x")}));
        gateway_.client().publish(sent.back());
    }
    world_.broker().drain();
    world_.stopLedger();
    for (const auto& each : sent) {
        EXPECT_TRUE(gateway_.answerTo(each).post().receipts(0).has_recorded());
    }
    world_.startLedger();
    EXPECT_EQ(gateway_.history(conversation).history().head_seq(), 201U);
}

}  // namespace
}  // namespace parlor::ledger::test
