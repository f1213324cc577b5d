// How a conversation changes hands: each step by its draft, what is recorded, what is retained, and
// what is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const DepartmentId kSales = *DepartmentId::parse("sales");

std::string queueTopic(const ConversationId& conversation, const std::string& dept = "general") {
    return topics::format(topics::Queue{kSite, *DepartmentId::parse(dept), conversation});
}
std::string assignedTopic(const AgentId& agent, const ConversationId& conversation) {
    return topics::format(topics::AssignedTo{kSite, agent, conversation});
}
// "type" or "type agent", in order.
std::vector<std::string> kindsOf(const std::vector<v1::Event>& events) {
    std::vector<std::string> kinds;
    for (const auto& event : events) {
        kinds.push_back(v1::Event::descriptor()->FindFieldByNumber(event.body_case())->name());
    }
    return kinds;
}

class HandlingTest : public testing::Test {
 protected:
    HandlingTest() {
        world_.staff({department("general"), department("sales")},
                     {agent(kCarol, 0, v1::ROLE_SUPERVISOR)});
        tellStatus(alice_.client(), kAlice, v1::AgentStatus::STATE_ONLINE);
        tellStatus(bob_.client(), kBob, v1::AgentStatus::STATE_ONLINE);
        world_.broker().drain();
        observer_.subscribe(
            {"parlor/+/c/+/out/log", "parlor/+/c/+/staff/#", "parlor/+/q/+/+", "parlor/+/a/+/c/+"});
    }

    v1::ErrorCode refusal(Sender& by, const ConversationId& conversation, const v1::Draft& draft) {
        return by.post(conversation, draft).failure().code();
    }
    ConversationId openHeldByAlice() {
        const auto conversation = world_.open(gateway_);
        EXPECT_TRUE(alice_.post(conversation, accept()).has_recorded());
        observer_.take();
        return conversation;
    }
    std::vector<std::string> retained(const ConversationId& conversation) {
        Client late(world_.broker(), "late-" + Ulid::generate().str());
        late.subscribe(
            {"parlor/+/q/+/" + conversation.str(), "parlor/+/a/+/c/" + conversation.str()});
        world_.broker().drain();
        return statesOf(late.take());
    }

    World world_;
    Sender gateway_{world_.broker()};
    Sender alice_{world_.broker(), kAlice};
    Sender bob_{world_.broker(), kBob};
    Sender carol_{world_.broker(), kCarol};
    Client observer_{world_.broker(), "observer"};
};

TEST_F(HandlingTest, TransferToAnAgentHandsItOverWithANote) {
    const auto conversation = openHeldByAlice();
    EXPECT_EQ(alice_.post(conversation, transferTo(kBob, "wants a refund")).recorded().seq(), 4U);
    const auto sent = observer_.take();
    const auto events = eventsOf(sent);
    ASSERT_THAT(kindsOf(events), ElementsAre("note", "transferred", "assigned"));
    EXPECT_EQ(events[0].stream(), v1::STREAM_STAFF);
    EXPECT_EQ(events[0].note().text(), "wants a refund");
    EXPECT_EQ(events[1].transferred().from_agent(), "alice");
    EXPECT_EQ(events[1].transferred().to_agent(), "bob");
    EXPECT_EQ(events[2].author().id(), "alice");
    EXPECT_EQ(events[2].assigned().agent(), "bob");
    EXPECT_EQ(events[2].assigned().fence(), 2U);
    EXPECT_THAT(statesOf(sent), ElementsAre(assignedTopic(kAlice, conversation) + " cleared",
                                            assignedTopic(kBob, conversation)));
    EXPECT_TRUE(bob_.post(conversation, message("hello")).has_recorded());
    EXPECT_EQ(refusal(alice_, conversation, message("mine")), v1::ERROR_CODE_FORBIDDEN);
}

TEST_F(HandlingTest, TransferToADepartmentQueuesItThere) {
    const auto conversation = openHeldByAlice();
    ASSERT_TRUE(alice_.post(conversation, transferTo(kSales)).has_recorded());
    const auto sent = observer_.take();
    const auto events = eventsOf(sent);
    ASSERT_THAT(kindsOf(events), ElementsAre("transferred", "queued"));
    EXPECT_EQ(events[0].transferred().to_department(), "sales");
    EXPECT_EQ(events[1].queued().department(), "sales");
    EXPECT_EQ(events[1].queued().reason(), "transferred");
    EXPECT_THAT(statesOf(sent), ElementsAre(assignedTopic(kAlice, conversation) + " cleared",
                                            queueTopic(conversation, "sales")));
    EXPECT_TRUE(bob_.post(conversation, accept()).has_recorded());
}

TEST_F(HandlingTest, ATransferCanPutItBeforeOthers) {
    const auto conversation = openHeldByAlice();
    ASSERT_TRUE(gateway_.open(openRequest("sales")).has_open());
    observer_.take();
    ASSERT_TRUE(alice_.post(conversation, transferTo(kSales, "", 9)).has_recorded());
    EXPECT_EQ(eventsOf(observer_.take())[1].queued().priority(), 9U);
    const auto queue = world_.store().makeDispatchReader()->unoffered(kSite, kSales, 9);
    ASSERT_EQ(queue->size(), 2U);
    EXPECT_EQ(queue->front().id, conversation);
    EXPECT_EQ(queue->front().priority, 9U);
}

TEST_F(HandlingTest, BadTransfersAreRefused) {
    const auto conversation = openHeldByAlice();
    EXPECT_EQ(refusal(alice_, conversation, transferTo(kSales, "", 10)), v1::ERROR_CODE_MALFORMED);
    EXPECT_EQ(refusal(bob_, conversation, transferTo(kBob)), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(refusal(gateway_, conversation, transferTo(kBob)), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(refusal(alice_, conversation, transferTo(kAlice)), v1::ERROR_CODE_CONFLICT);
    const auto offline = alice_.post(conversation, transferTo(kCarol)).failure();
    EXPECT_EQ(offline.code(), v1::ERROR_CODE_CONFLICT);
    EXPECT_EQ(offline.text(), "carol is not online");
    EXPECT_EQ(refusal(alice_, conversation, transferTo(*DepartmentId::parse("nowhere"))),
              v1::ERROR_CODE_NOT_FOUND);
    v1::Draft nobody = transferTo(kBob);
    nobody.mutable_transfer()->clear_to();
    EXPECT_EQ(refusal(alice_, conversation, nobody), v1::ERROR_CODE_MALFORMED);
    EXPECT_THAT(observer_.take(), IsEmpty());
}

TEST_F(HandlingTest, ATransferThatCameTwiceIsRecordedOnce) {
    const auto conversation = openHeldByAlice();
    const auto draft = transferTo(kBob);
    const auto first = alice_.post(conversation, draft);
    const auto again = alice_.post(conversation, draft);
    EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
    EXPECT_EQ(gateway_.history(conversation).history().head_seq(), 4U);
}

TEST_F(HandlingTest, SupervisorsTakeOver) {
    const auto conversation = openHeldByAlice();
    EXPECT_EQ(refusal(bob_, conversation, takeOver()), v1::ERROR_CODE_FORBIDDEN);
    const auto taken = carol_.post(conversation, takeOver());
    ASSERT_TRUE(taken.has_recorded());
    const auto sent = observer_.take();
    EXPECT_THAT(kindsOf(eventsOf(sent)), ElementsAre("transferred", "assigned"));
    EXPECT_EQ(eventsOf(sent)[1].assigned().agent(), "carol");
    EXPECT_THAT(statesOf(sent), ElementsAre(assignedTopic(kAlice, conversation) + " cleared",
                                            assignedTopic(kCarol, conversation)));
    EXPECT_EQ(carol_.post(conversation, takeOver()).recorded().seq(), taken.recorded().seq());
    EXPECT_EQ(refusal(alice_, conversation, message("x")), v1::ERROR_CODE_FORBIDDEN);

    const auto waiting = world_.open(gateway_);
    EXPECT_TRUE(carol_.post(waiting, takeOver()).has_recorded());
}

TEST_F(HandlingTest, AgentsJoinAndLeave) {
    const auto conversation = openHeldByAlice();
    ASSERT_TRUE(bob_.post(conversation, join()).has_recorded());
    auto sent = observer_.take();
    EXPECT_THAT(kindsOf(eventsOf(sent)), ElementsAre("joined"));
    EXPECT_THAT(retained(conversation), UnorderedElementsAre(assignedTopic(kAlice, conversation),
                                                             assignedTopic(kBob, conversation)));
    EXPECT_TRUE(bob_.post(conversation, message("I can help")).has_recorded());
    EXPECT_TRUE(bob_.post(conversation, note("psst")).has_recorded());
    EXPECT_EQ(refusal(bob_, conversation, close()), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(refusal(bob_, conversation, join()), v1::ERROR_CODE_CONFLICT);
    EXPECT_EQ(refusal(alice_, conversation, join()), v1::ERROR_CODE_CONFLICT);
    observer_.take();

    ASSERT_TRUE(bob_.post(conversation, leave()).has_recorded());
    sent = observer_.take();
    EXPECT_THAT(kindsOf(eventsOf(sent)), ElementsAre("left"));
    EXPECT_THAT(retained(conversation), ElementsAre(assignedTopic(kAlice, conversation)));
    EXPECT_EQ(refusal(bob_, conversation, leave()), v1::ERROR_CODE_CONFLICT);
    EXPECT_EQ(refusal(bob_, conversation, message("x")), v1::ERROR_CODE_FORBIDDEN);
}

TEST_F(HandlingTest, NobodyJoinsWhatNobodyHolds) {
    const auto conversation = world_.open(gateway_);
    EXPECT_EQ(refusal(bob_, conversation, join()), v1::ERROR_CODE_CONFLICT);
    EXPECT_EQ(refusal(gateway_, conversation, join()), v1::ERROR_CODE_FORBIDDEN);
}

TEST_F(HandlingTest, TheHolderPutsItBackAndItKeepsItsPlace) {
    const auto conversation = openHeldByAlice();
    const auto later = world_.open(gateway_);
    observer_.take();
    ASSERT_TRUE(alice_.post(conversation, leave()).has_recorded());
    const auto sent = observer_.take();
    const auto events = eventsOf(sent);
    ASSERT_THAT(kindsOf(events), ElementsAre("released", "queued"));
    EXPECT_EQ(events[0].released().agent(), "alice");
    EXPECT_EQ(events[0].released().reason(), "left");
    EXPECT_THAT(statesOf(sent), ElementsAre(assignedTopic(kAlice, conversation) + " cleared",
                                            queueTopic(conversation)));
    const auto queue =
        world_.store().makeDispatchReader()->queue(kSite, *DepartmentId::parse("general"), 9);
    ASSERT_TRUE(queue);
    EXPECT_THAT(*queue, ElementsAre(conversation, later));
}

TEST_F(HandlingTest, ASupervisorRaisesAndLowersWhoWaits) {
    world_.staff({}, {agent(kCarol, 0, v1::ROLE_SUPERVISOR)});
    const auto older = world_.open(gateway_);
    const auto conversation = world_.open(gateway_);
    const auto first = [&] {
        const auto queue =
            world_.store().makeDispatchReader()->queue(kSite, *DepartmentId::parse("general"), 9);
        return queue && !queue->empty() ? queue->front() : ConversationId();
    };
    EXPECT_EQ(first(), older);
    observer_.take();
    const auto raise = prioritize(7);
    const auto recorded = carol_.post(conversation, raise).recorded();
    EXPECT_EQ(recorded.stream(), v1::STREAM_STAFF);
    EXPECT_EQ(recorded.seq(), 1U);
    EXPECT_EQ(first(), conversation);
    const auto sent = observer_.take();
    const auto events = eventsOf(sent);
    ASSERT_THAT(kindsOf(events), ElementsAre("queued"));
    EXPECT_EQ(events[0].author().id(), "carol");
    EXPECT_EQ(events[0].queued().priority(), 7U);
    EXPECT_EQ(events[0].queued().department(), "general");
    EXPECT_EQ(events[0].queued().reason(), "prioritized");
    EXPECT_THAT(statesOf(sent), ElementsAre(queueTopic(conversation)));
    Client late(world_.broker(), "late");
    late.subscribe({queueTopic(conversation)});
    const auto entry = late.await([](const bus::Message&) { return true; });
    ASSERT_TRUE(entry);
    EXPECT_EQ(decode<v1::QueueEntry>(entry->payload)->priority(), 7U);

    EXPECT_EQ(carol_.post(conversation, raise).recorded().seq(), 1U) << "the first receipt again";
    EXPECT_EQ(refusal(carol_, conversation, prioritize(7)), v1::ERROR_CODE_CONFLICT);
    ASSERT_TRUE(carol_.post(conversation, prioritize(0)).has_recorded());
    EXPECT_EQ(first(), older);
}

TEST_F(HandlingTest, OnlySupervisorsPrioritizeAndOnlyWhoWaits) {
    world_.staff({}, {agent(kCarol, 0, v1::ROLE_SUPERVISOR)});
    const auto conversation = world_.open(gateway_);
    EXPECT_EQ(refusal(alice_, conversation, prioritize(1)), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(refusal(gateway_, conversation, prioritize(1)), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(refusal(carol_, conversation, prioritize(10)), v1::ERROR_CODE_MALFORMED);
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    const auto held = carol_.post(conversation, prioritize(1)).failure();
    EXPECT_EQ(held.code(), v1::ERROR_CODE_CONFLICT);
    EXPECT_EQ(held.text(), "held by alice");
}

TEST_F(HandlingTest, WhatIsOpenedHasItsDepartmentsPriority) {
    auto urgent = department("urgent");
    urgent.set_priority(4);
    world_.staff({department("general"), urgent}, {agent(kCarol, 0, v1::ROLE_SUPERVISOR)});
    const auto request = openRequest("urgent");
    observer_.take();
    ASSERT_TRUE(gateway_.open(request).has_open());
    const auto conversation = *ConversationId::parse(request.conversation());
    const auto sent = observer_.take();
    EXPECT_EQ(eventsOf(sent).at(0).opened().priority(), 4U);
    const auto priority = [&] {
        const auto rows = world_.store().makeReader()->conversations(std::span(&conversation, 1));
        return rows->at(0).priority;
    };
    EXPECT_EQ(priority(), 4U);
    // It goes on with the conversation, until somebody says otherwise.
    ASSERT_TRUE(
        carol_.post(conversation, transferTo(*DepartmentId::parse("general"))).has_recorded());
    EXPECT_EQ(priority(), 4U);
}

TEST_F(HandlingTest, AVisitorsMessageReopens) {
    const auto conversation = openHeldByAlice();
    ASSERT_TRUE(bob_.post(conversation, join()).has_recorded());
    ASSERT_TRUE(alice_.post(conversation, close()).has_recorded());
    EXPECT_THAT(retained(conversation), IsEmpty());
    observer_.take();
    const auto draft = message("one more thing");
    EXPECT_EQ(gateway_.post(conversation, draft).recorded().seq(), 7U);
    const auto sent = observer_.take();
    const auto events = eventsOf(sent);
    ASSERT_THAT(kindsOf(events), ElementsAre("reopened", "queued", "message"));
    EXPECT_EQ(events[1].queued().reason(), "reopened");
    EXPECT_EQ(events[2].request_id(), draft.request_id());
    EXPECT_THAT(statesOf(sent), ElementsAre(queueTopic(conversation)));
    EXPECT_EQ(gateway_.post(conversation, draft).recorded().seq(), 7U);
    EXPECT_TRUE(bob_.post(conversation, accept()).has_recorded());
}

TEST_F(HandlingTest, OnlyAVisitorsMessageReopens) {
    const auto conversation = openHeldByAlice();
    ASSERT_TRUE(alice_.post(conversation, close()).has_recorded());
    for (const auto& draft : {message("x"), note("x"), close(), accept(), transferTo(kBob),
                              takeOver(), prioritize(1), join(), leave(), decline()}) {
        EXPECT_EQ(refusal(alice_, conversation, draft), v1::ERROR_CODE_CLOSED);
    }
    EXPECT_EQ(refusal(gateway_, conversation, close()), v1::ERROR_CODE_CLOSED);
}

TEST(ReopeningTest, EndsSomeTimeAfterTheEnd) {
    World::Options options;
    options.ledger.intake.reopenWithin = std::chrono::milliseconds(-1);
    World world(options);
    Sender gateway(world.broker());
    const auto conversation = world.open(gateway);
    ASSERT_TRUE(gateway.post(conversation, close()).has_recorded());
    EXPECT_EQ(gateway.post(conversation, message("x")).failure().code(), v1::ERROR_CODE_CLOSED);
}

TEST_F(HandlingTest, DecliningWhatWasNotOfferedIsAConflict) {
    const auto conversation = world_.open(gateway_);
    EXPECT_EQ(refusal(alice_, conversation, decline()), v1::ERROR_CODE_CONFLICT);
    EXPECT_EQ(refusal(gateway_, conversation, decline()), v1::ERROR_CODE_FORBIDDEN);
}

TEST_F(HandlingTest, OnlyAgentsOfTheDepartmentWithItsSkillsTake) {
    auto sales = department("sales");
    sales.add_skills("french");
    auto seller = agent(kAlice);
    seller.add_skills("french");
    auto elsewhere = agent(kBob);
    elsewhere.add_departments("general");
    world_.staff({department("general"), sales}, {seller, elsewhere});
    const auto request = openRequest("sales");
    ASSERT_TRUE(gateway_.open(request).has_open());
    const auto conversation = *ConversationId::parse(request.conversation());
    EXPECT_EQ(refusal(bob_, conversation, accept()), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(refusal(carol_, conversation, accept()), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_TRUE(alice_.post(conversation, accept()).has_recorded());
}

TEST_F(HandlingTest, WhoIsDisabledDoesNothing) {
    const auto conversation = openHeldByAlice();
    auto gone = agent(kAlice);
    gone.set_disabled(true);
    world_.staff({}, {gone});
    EXPECT_EQ(refusal(alice_, conversation, message("x")), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(refusal(alice_, world_.open(gateway_), accept()), v1::ERROR_CODE_FORBIDDEN);
}

TEST_F(HandlingTest, NobodyTakesMoreThanItsCapacity) {
    world_.staff({}, {agent(kAlice, 2), agent(kBob, 1), agent(kCarol, 1, v1::ROLE_SUPERVISOR)});
    const auto first = world_.open(gateway_);
    const auto second = world_.open(gateway_);
    const auto third = world_.open(gateway_);
    // In one batch as well as one after the other.
    ASSERT_TRUE(alice_.post(first, accept()).has_recorded());
    ASSERT_TRUE(alice_.post(second, accept()).has_recorded());
    const auto full = alice_.post(third, accept()).failure();
    EXPECT_EQ(full.code(), v1::ERROR_CODE_CONFLICT);
    EXPECT_EQ(full.text(), "alice has 2 conversations, at most 2");
    ASSERT_TRUE(bob_.post(third, accept()).has_recorded());
    EXPECT_EQ(refusal(alice_, first, transferTo(kBob)), v1::ERROR_CODE_CONFLICT);
    ASSERT_TRUE(carol_.post(second, takeOver()).has_recorded());
    EXPECT_EQ(refusal(carol_, third, takeOver()), v1::ERROR_CODE_CONFLICT);
    ASSERT_TRUE(alice_.post(first, close()).has_recorded());
    EXPECT_TRUE(alice_.post(world_.open(gateway_), accept()).has_recorded());
}

TEST_F(HandlingTest, TheChainOfHashesHoldsOverAllKinds) {
    const auto conversation = openHeldByAlice();
    ASSERT_TRUE(bob_.post(conversation, join()).has_recorded());
    ASSERT_TRUE(alice_.post(conversation, transferTo(kBob, "n")).has_recorded());
    ASSERT_TRUE(bob_.post(conversation, leave()).has_recorded());
    ASSERT_TRUE(gateway_.post(conversation, close()).has_recorded());
    ASSERT_TRUE(gateway_.post(conversation, message("again")).has_recorded());
    for (const auto stream : {v1::STREAM_SHARED, v1::STREAM_STAFF}) {
        std::string previous;
        const auto history = alice_.history(conversation, 0, 0, stream).history();
        for (const auto& event : history.events()) {
            EXPECT_EQ(event.previous_hash(), previous);
            EXPECT_EQ(event.content_hash(), contentHash(event));
            EXPECT_EQ(event.salt().size(), 16U);
            previous = canonicalHash(event);
        }
        EXPECT_FALSE(previous.empty());
    }
}

TEST_F(HandlingTest, WhenNobodyIsThereItIsOpenedOffline) {
    const auto there = openRequest();
    ASSERT_TRUE(gateway_.open(there).has_open());
    EXPECT_FALSE(eventsOf(observer_.take()).at(0).opened().offline());
    tellStatus(alice_.client(), kAlice, v1::AgentStatus::STATE_AWAY);
    tellStatus(bob_.client(), kBob, v1::AgentStatus::STATE_OFFLINE);
    world_.broker().drain();
    const auto request = openRequest();
    ASSERT_TRUE(gateway_.open(request).has_open());
    EXPECT_TRUE(eventsOf(observer_.take()).at(0).opened().offline());
}

}  // namespace
}  // namespace parlor::ledger::test
