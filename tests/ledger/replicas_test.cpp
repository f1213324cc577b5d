// Three ledgers on one server database: no gap, no duplicate, every receipt true, one winner.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>

#include "tests/ledger/fault_bus.h"
#include "tests/ledger/store_suite.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;

constexpr int kReplicas = 3;

class ReplicasTest : public testing::TestWithParam<Dialect> {
 protected:
    struct Replica {
        std::unique_ptr<SqlStore> store;
        std::unique_ptr<bus::Bus> bus;
        std::unique_ptr<Ledger> ledger;
    };

    void SetUp() override {
        database_ = Database::start(GetParam());
        for (int i = 0; i < kReplicas; ++i) replicas_.push_back(startReplica());
    }
    void TearDown() override {
        for (auto& replica : replicas_) stop(replica);
    }

    Replica startReplica(const std::shared_ptr<Faults>& faults = nullptr) {
        Replica replica;
        replica.store = std::make_unique<SqlStore>(database_->url());
        const auto migrated = replica.store->migrate();
        EXPECT_TRUE(migrated) << migrated.error().text;
        replica.bus = broker_.makeClient("ledger-" + Ulid::generate().str());
        if (faults) replica.bus = std::make_unique<FaultBus>(std::move(replica.bus), faults);
        auto options = patientOptions();
        options.jobs.poll = std::chrono::hours(1);  // whoever is asked does it
        replica.ledger = std::make_unique<Ledger>(options, *replica.store, *replica.bus, testLog());
        replica.ledger->start();
        EXPECT_TRUE(
            eventually([&] { return replica.ledger->subscribed() && replica.ledger->caughtUp(); }));
        return replica;
    }
    static void stop(Replica& replica) {
        if (!replica.ledger) return;
        replica.ledger->stop(bus::Clock::now() + std::chrono::seconds(10));
        replica.ledger.reset();  // before its store
    }

    std::uint64_t retainedHead(const ConversationId& conversation) {
        Client late(broker_, "late-" + Ulid::generate().str());
        late.subscribe({topics::filters::conversationOut(kSite, conversation)});
        broker_.drain();
        const auto events = eventsOf(late.take());
        return events.empty() ? 0 : events.front().seq();
    }

    std::unique_ptr<Database> database_;
    bus::MemoryBroker broker_;
    std::vector<Replica> replicas_;
};

TEST_P(ReplicasTest, OfTwoAgentsWhoAcceptExactlyOneWins) {
    Sender gateway(broker_);
    Sender alice(broker_, kAlice);
    Sender bob(broker_, kBob);
    for (int round = 0; round < 1000; ++round) {
        const auto request = openRequest();
        ASSERT_TRUE(gateway.open(request).has_open());
        const auto conversation = *ConversationId::parse(request.conversation());
        const auto byAlice = alice.postMessage(conversation, {accept()});
        const auto byBob = bob.postMessage(conversation, {accept()});
        std::thread other([&] { bob.client().publish(byBob); });
        alice.client().publish(byAlice);
        other.join();
        const auto forAlice = alice.answerTo(byAlice).post().receipts(0);
        const auto forBob = bob.answerTo(byBob).post().receipts(0);
        ASSERT_NE(forAlice.has_recorded(), forBob.has_recorded());
        const auto& loser = forAlice.has_recorded() ? forBob : forAlice;
        EXPECT_EQ(loser.failure().code(), v1::ERROR_CODE_CONFLICT);
        EXPECT_EQ(loser.failure().text(),
                  forAlice.has_recorded() ? "held by alice" : "held by bob");
        EXPECT_EQ(gateway.history(conversation).history().head_seq(), 2U);
    }
}

TEST_P(ReplicasTest, NobodyGetsMoreThanItsCapacityFromTwoAtOnce) {
    for (auto& replica : replicas_) {
        replica.ledger->directory().replace(kSite, {}, std::vector{agent(kAlice, 1)});
    }
    Sender gateway(broker_);
    Sender alice(broker_, kAlice);
    for (int round = 0; round < 100; ++round) {
        std::vector<ConversationId> pair;
        std::vector<bus::Message> posts;
        for (int i = 0; i < 2; ++i) {
            const auto request = openRequest();
            ASSERT_TRUE(gateway.open(request).has_open());
            pair.push_back(*ConversationId::parse(request.conversation()));
            posts.push_back(alice.postMessage(pair.back(), {accept()}));
        }
        std::thread other([&] { alice.client().publish(posts[1]); });
        alice.client().publish(posts[0]);
        other.join();
        const bool first = alice.answerTo(posts[0]).post().receipts(0).has_recorded();
        const bool second = alice.answerTo(posts[1]).post().receipts(0).has_recorded();
        ASSERT_NE(first, second);
        ASSERT_TRUE(alice.post(pair[first ? 0 : 1], close()).has_recorded());
    }
}

// All replicas dispatch, all at once.
TEST_P(ReplicasTest, ThreeReplicasDispatchAsOne) {
    const std::vector<v1::AgentProfile> agents{agent(kAlice, 3), agent(kBob, 4), agent(kCarol, 5)};
    for (auto& replica : replicas_) {
        replica.ledger->directory().replace(
            kSite, std::vector{department("general", v1::ROUTING_LEAST_BUSY)}, agents);
    }
    Sender gateway(broker_);
    std::vector<ConversationId> conversations;
    for (int i = 0; i < 20; ++i) {
        const auto request = openRequest();
        ASSERT_TRUE(gateway.open(request).has_open());
        conversations.push_back(*ConversationId::parse(request.conversation()));
    }
    for (const auto& id : {kAlice, kBob, kCarol}) {
        tellStatus(gateway.client(), id, v1::AgentStatus::STATE_ONLINE);
    }
    const auto reader = replicas_[0].store->makeDispatchReader();
    const auto offered = [&] { return reader->offered(kSite)->size(); };
    EXPECT_TRUE(eventually([&] { return offered() == 12; })) << offered() << " are offered";
    std::map<std::string, std::size_t> loads;
    for (const auto& row : *reader->offered(kSite)) {
        ++loads[row.offer->agent.str()];
        EXPECT_LE(row.id, conversations[11]) << "a younger one was offered before an older one";
    }
    EXPECT_EQ(loads, (std::map<std::string, std::size_t>{{"alice", 3}, {"bob", 4}, {"carol", 5}}));
}

TEST_P(ReplicasTest, NeitherGapsNorDuplicatesAndEveryReceiptIsTrue) {
    constexpr int kSenders = 8;
    constexpr int kPosts = 200;
    constexpr std::size_t kConversations = 1000;
    constexpr std::size_t kBusy = 20;  // of them, which get every second post: there replicas meet
    Sender gateway(broker_);
    std::vector<ConversationId> conversations;
    while (conversations.size() < kConversations) {
        const auto request = openRequest();
        ASSERT_TRUE(gateway.open(request).has_open());
        conversations.push_back(*ConversationId::parse(request.conversation()));
    }
    std::mutex mutex;
    std::map<std::string, std::pair<ConversationId, std::uint64_t>> receipts;  // by request
    std::vector<std::thread> senders;
    for (unsigned s = 0; s < kSenders; ++s) {
        senders.emplace_back([&, s] {
            std::mt19937 random(s);
            Sender sender(broker_);
            for (int i = 0; i < kPosts; ++i) {
                const auto& conversation =
                    conversations[random() % (i % 2 == 0 ? kBusy : kConversations)];
                const std::vector<v1::Draft> drafts{message("a"), message("b")};
                // Every fourth is sent twice at once, as after a lost receipt; another replica may
                // get it.
                const auto first = sender.postMessage(conversation, drafts);
                sender.client().publish(first);
                auto response = sender.answerTo(first);
                if (i % 4 == 0) {
                    const auto again = sender.post(conversation, drafts);
                    EXPECT_EQ(again.SerializeAsString(), response.SerializeAsString());
                }
                ASSERT_EQ(response.post().receipts_size(), 2);
                const std::scoped_lock lock(mutex);
                for (const auto& receipt : response.post().receipts()) {
                    ASSERT_TRUE(receipt.has_recorded()) << receipt.failure().text();
                    receipts[receipt.request_id()] = {conversation, receipt.recorded().seq()};
                }
            }
        });
    }
    for (auto& sender : senders) sender.join();

    std::size_t recorded = 0;
    for (const auto& conversation : conversations) {
        std::uint64_t seq = 0;
        std::string previous;
        for (;;) {
            const auto page = gateway.history(conversation, seq).history();
            if (page.events_size() == 0) break;
            for (const auto& event : page.events()) {
                ASSERT_EQ(event.seq(), ++seq);
                EXPECT_EQ(event.previous_hash(), previous);
                previous = canonicalHash(event);
                if (!event.has_message()) continue;
                ++recorded;
                EXPECT_EQ(receipts[event.request_id()], std::pair(conversation, seq));
            }
        }
        EXPECT_TRUE(eventually([&] { return retainedHead(conversation) == seq; }))
            << retainedHead(conversation) << " is retained, not " << seq;
    }
    EXPECT_EQ(recorded, receipts.size());
    EXPECT_EQ(recorded, std::size_t{kSenders} * kPosts * 2);
}

TEST_P(ReplicasTest, ReplicasComeAndGo) {
    Sender gateway(broker_);
    const auto request = openRequest();
    ASSERT_TRUE(gateway.open(request).has_open());
    const auto conversation = *ConversationId::parse(request.conversation());
    std::uint64_t seq = 1;
    for (int round = 0; round < 6; ++round) {
        auto& replica = replicas_[static_cast<std::size_t>(round % kReplicas)];
        stop(replica);
        for (int i = 0; i < 5; ++i) {
            EXPECT_EQ(gateway.post(conversation, message("x")).recorded().seq(), ++seq);
        }
        replica = startReplica();
    }
}

// One records how a conversation ended and is slow to tell; meanwhile another erases it.
class ErasingReplicasTest : public ReplicasTest {
 protected:
    void SetUp() override {
        database_ = Database::start(GetParam());
        recording_->unheard = "/rpc/";
        const auto erasing = std::make_shared<Faults>();
        erasing->unheard = "/in/visitor";
        replicas_.push_back(startReplica(recording_));
        replicas_.push_back(startReplica(erasing));
        Sender gateway(broker_);
        const auto request = openRequest();
        ASSERT_TRUE(gateway.open(request).has_open());
        conversation_ = *ConversationId::parse(request.conversation());
        recording_->late = true;
        ASSERT_TRUE(gateway.post(conversation_, close("Main Street 5")).has_recorded());
        ASSERT_NO_FATAL_FAILURE(erase());
        ASSERT_EQ(retainedReason(), "") << "the other has told";
    }
    void erase() {
        Sender tool(broker_, kTool);
        v1::Request erase;
        erase.mutable_erase()->set_conversation(conversation_.str());
        const auto asked = tool.call(topics::Method::erase, erase);
        ASSERT_TRUE(asked.has_job()) << asked.failure().text();
        v1::Request look;
        look.mutable_job()->set_id(asked.job().id());
        ASSERT_TRUE(eventually([&] {
            return tool.call(topics::Method::job, look).job().state() ==
                   v1::JobResponse::STATE_DONE;
        }));
    }
    // How the conversation ended, as somebody learns who comes now; none: he does not.
    std::optional<std::string> retainedReason() {
        broker_.drain();
        Client late(broker_, "late-" + Ulid::generate().str());
        late.subscribe({topics::filters::conversationOut(kSite, conversation_)});
        broker_.drain();
        const auto events = eventsOf(late.take());
        if (events.size() != 1 || !events[0].has_closed()) return std::nullopt;
        return events[0].closed().reason();
    }

    const std::shared_ptr<Faults> recording_ = std::make_shared<Faults>();
    ConversationId conversation_;
};

TEST_P(ErasingReplicasTest, WhatOneErasedAnotherDoesNotLeaveRetained) {
    Client observer(broker_, "observer");
    observer.subscribe({topics::filters::conversationOut(kSite, conversation_)});
    recording_->arrive();
    EXPECT_TRUE(observer.await([](const bus::Message& each) {
        return eventsOf({each})[0].closed().reason() == "Main Street 5";
    })) << "nothing came late";
    EXPECT_TRUE(eventually([&] { return retainedReason() == ""; }));
}

TEST_P(ErasingReplicasTest, NorDoesOneThatStops) {
    stop(replicas_[0]);
    EXPECT_EQ(retainedReason(), "");
}

INSTANTIATE_TEST_SUITE_P(Servers, ErasingReplicasTest, everyServer(), databaseName);
INSTANTIATE_TEST_SUITE_P(Servers, ReplicasTest, everyServer(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
