// A conversation's way through the ledger: open, speak, accept, close, and what everybody is told.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/world.h"

namespace parlor::ledger::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string queueTopic(const ConversationId& conversation, const std::string& dept = "general") {
    return topics::format(topics::Queue{kSite, *DepartmentId::parse(dept), conversation});
}
std::string assignedTopic(const AgentId& agent, const ConversationId& conversation) {
    return topics::format(topics::AssignedTo{kSite, agent, conversation});
}

class ConversationTest : public testing::Test {
 protected:
    ConversationTest() {
        observer_.subscribe(
            {"parlor/+/c/+/out/#", "parlor/+/c/+/staff/#", "parlor/+/q/+/+", "parlor/+/a/+/c/+"});
    }

    World world_;
    Sender gateway_{world_.broker()};
    Sender alice_{world_.broker(), kAlice};
    Sender bob_{world_.broker(), kBob};
    Client observer_{world_.broker(), "observer"};
};

TEST_F(ConversationTest, OpenIsRecordedPublishedAndQueued) {
    const auto request = openRequest("sales");
    const auto response = gateway_.open(request);
    ASSERT_TRUE(response.has_open());
    EXPECT_EQ(response.open().recorded().seq(), 1U);
    EXPECT_EQ(response.open().recorded().stream(), v1::STREAM_SHARED);

    const auto conversation = *ConversationId::parse(request.conversation());
    const auto sent = observer_.take();
    const auto events = eventsOf(sent);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].conversation(), request.conversation());
    EXPECT_EQ(events[0].author().kind(), v1::Party::KIND_VISITOR);
    EXPECT_EQ(events[0].opened().department(), "sales");
    EXPECT_EQ(events[0].opened().visitor().name(), "Zoë");
    EXPECT_THAT(statesOf(sent), ElementsAre(queueTopic(conversation, "sales")));
    EXPECT_EQ(sent.size(), 2U);
}

TEST_F(ConversationTest, OpenAgainGivesTheFirstReceipt) {
    const auto request = openRequest();
    ASSERT_TRUE(gateway_.open(request).has_open());
    const auto again = gateway_.open(request);
    EXPECT_EQ(again.open().recorded().seq(), 1U);
    auto other = request;
    other.set_request_id(Ulid::generate().str());
    EXPECT_EQ(gateway_.open(other).failure().code(), v1::ERROR_CODE_CONFLICT);
    const auto history = gateway_.history(*ConversationId::parse(request.conversation()));
    EXPECT_EQ(history.history().head_seq(), 1U);
}

TEST_F(ConversationTest, OnlyGatewaysOpen) {
    EXPECT_EQ(alice_.open(openRequest()).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_THAT(observer_.take(), IsEmpty());
}

TEST_F(ConversationTest, AWholeConversation) {
    const auto conversation = world_.open(gateway_);
    observer_.take();

    EXPECT_EQ(gateway_.post(conversation, message("hello")).recorded().seq(), 2U);
    EXPECT_THAT(statesOf(observer_.take()), ElementsAre(queueTopic(conversation)));

    EXPECT_EQ(alice_.post(conversation, accept()).recorded().seq(), 3U);
    auto sent = observer_.take();
    EXPECT_THAT(statesOf(sent), ElementsAre(queueTopic(conversation) + " cleared",
                                            assignedTopic(kAlice, conversation)));
    ASSERT_EQ(eventsOf(sent).size(), 1U);
    EXPECT_EQ(eventsOf(sent)[0].assigned().agent(), "alice");
    EXPECT_EQ(eventsOf(sent)[0].assigned().fence(), 1U);

    EXPECT_EQ(alice_.post(conversation, message("hi")).recorded().seq(), 4U);
    EXPECT_EQ(gateway_.post(conversation, read(4)).recorded().seq(), 5U);
    EXPECT_THAT(statesOf(observer_.take()), IsEmpty());

    EXPECT_EQ(alice_.post(conversation, close()).recorded().seq(), 6U);
    sent = observer_.take();
    EXPECT_THAT(statesOf(sent), ElementsAre(assignedTopic(kAlice, conversation) + " cleared"));
    ASSERT_EQ(eventsOf(sent).size(), 1U);
    EXPECT_EQ(eventsOf(sent)[0].author().id(), "alice");

    EXPECT_EQ(alice_.post(conversation, message("too late")).failure().code(),
              v1::ERROR_CODE_CLOSED);
    EXPECT_EQ(gateway_.post(conversation, close()).failure().code(), v1::ERROR_CODE_CLOSED);
    EXPECT_EQ(gateway_.post(conversation, rating(5)).recorded().seq(), 7U);
    EXPECT_EQ(gateway_.post(conversation, read(6)).recorded().seq(), 8U);
}

TEST_F(ConversationTest, TheTopicSaysWhoSpeaks) {
    const auto conversation = world_.open(gateway_);
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    ASSERT_TRUE(alice_.post(conversation, message("by alice")).has_recorded());
    ASSERT_TRUE(gateway_.post(conversation, message("by the visitor")).has_recorded());
    const auto events = eventsOf(observer_.take());
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[2].author().kind(), v1::Party::KIND_AGENT);
    EXPECT_EQ(events[2].author().id(), "alice");
    EXPECT_EQ(events[3].author().kind(), v1::Party::KIND_VISITOR);
    EXPECT_EQ(events[3].author().id(), "");
    EXPECT_EQ(events[3].author().name(), "Zoë");
}

TEST_F(ConversationTest, WhoDoesNotHoldItMayNotSpeak) {
    const auto conversation = world_.open(gateway_);
    EXPECT_EQ(bob_.post(conversation, message("x")).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    for (const auto& draft : {message("x"), read(1), note("x"), close()}) {
        EXPECT_EQ(bob_.post(conversation, draft).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    }
    const auto conflict = bob_.post(conversation, accept());
    EXPECT_EQ(conflict.failure().code(), v1::ERROR_CODE_CONFLICT);
    EXPECT_THAT(conflict.failure().text(), HasSubstr("alice"));
    EXPECT_EQ(gateway_.history(conversation).history().head_seq(), 2U);
}

TEST_F(ConversationTest, VisitorsNeitherAcceptNorNoteAndAgentsDoNotRate) {
    const auto conversation = world_.open(gateway_);
    EXPECT_EQ(gateway_.post(conversation, accept()).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(gateway_.post(conversation, note("x")).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    EXPECT_EQ(alice_.post(conversation, rating(1)).failure().code(), v1::ERROR_CODE_FORBIDDEN);
}

TEST_F(ConversationTest, AcceptingWhatOneHoldsRecordsNothing) {
    const auto conversation = world_.open(gateway_);
    ASSERT_EQ(alice_.post(conversation, accept()).recorded().seq(), 2U);
    ASSERT_EQ(gateway_.post(conversation, message("x")).recorded().seq(), 3U);
    observer_.take();
    EXPECT_EQ(alice_.post(conversation, accept()).recorded().seq(), 2U);
    EXPECT_THAT(observer_.take(), IsEmpty());
}

TEST_F(ConversationTest, ARepeatedDraftIsAnsweredWithItsFirstReceipt) {
    const auto conversation = world_.open(gateway_);
    const auto first = message("once");
    ASSERT_EQ(gateway_.post(conversation, first).recorded().seq(), 2U);
    ASSERT_EQ(gateway_.post(conversation, message("next")).recorded().seq(), 3U);
    observer_.take();

    EXPECT_EQ(gateway_.post(conversation, first).recorded().seq(), 2U);
    const auto sent = observer_.take();
    const auto events = eventsOf(sent);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].seq(), 2U);
    EXPECT_EQ(gateway_.history(conversation).history().head_seq(), 3U);
    EXPECT_EQ(world_.ledger().metrics().duplicatesSoFar(), 1);

    // What comes again must not take the newest one's place on the broker.
    Client late(world_.broker(), "late");
    late.subscribe({topics::filters::conversationOut(kSite, conversation)});
    const auto retained = late.await([](const bus::Message& each) { return each.retain; });
    ASSERT_TRUE(retained);
    EXPECT_EQ(eventsOf({*retained})[0].seq(), 3U);
}

TEST_F(ConversationTest, ADraftTwiceInOnePostIsRecordedOnce) {
    const auto conversation = world_.open(gateway_);
    const auto twice = message("twice");
    const auto response = gateway_.post(conversation, {twice, twice});
    ASSERT_EQ(response.post().receipts_size(), 2);
    EXPECT_EQ(response.post().receipts(0).recorded().seq(), 2U);
    EXPECT_EQ(response.post().receipts(1).recorded().seq(), 2U);
    EXPECT_EQ(gateway_.history(conversation).history().head_seq(), 2U);
}

TEST_F(ConversationTest, ABadDraftAmongGoodOnesFailsAlone) {
    const auto conversation = world_.open(gateway_);
    auto badId = message("x");
    badId.set_request_id("nonsense");
    const auto response = gateway_.post(
        conversation,
        {message("a"), message(std::string(kMaxTextBytes + 1, 'x')), badId, message("b")});
    ASSERT_EQ(response.post().receipts_size(), 4);
    EXPECT_EQ(response.post().receipts(0).recorded().seq(), 2U);
    EXPECT_EQ(response.post().receipts(1).failure().code(), v1::ERROR_CODE_TOO_LARGE);
    EXPECT_EQ(response.post().receipts(2).failure().code(), v1::ERROR_CODE_MALFORMED);
    EXPECT_EQ(response.post().receipts(3).recorded().seq(), 3U);
}

TEST_F(ConversationTest, PostsOfNoneOrTooManyDraftsAreRefused) {
    const auto conversation = world_.open(gateway_);
    EXPECT_EQ(gateway_.post(conversation, std::vector<v1::Draft>()).failure().code(),
              v1::ERROR_CODE_MALFORMED);
    EXPECT_EQ(
        gateway_.post(conversation, std::vector<v1::Draft>(65, message("x"))).failure().code(),
        v1::ERROR_CODE_TOO_LARGE);
}

TEST_F(ConversationTest, AnotherSitesConversationIsNotFound) {
    const auto conversation = world_.open(gateway_);
    Sender elsewhere(world_.broker(), *SiteId::parse("other"));
    EXPECT_EQ(elsewhere.post(conversation, message("x")).failure().code(),
              v1::ERROR_CODE_NOT_FOUND);
    EXPECT_EQ(elsewhere.history(conversation).failure().code(), v1::ERROR_CODE_NOT_FOUND);
    EXPECT_FALSE(elsewhere.status(conversation, Ulid::generate().str()).status().has_receipt());
    EXPECT_EQ(gateway_.post(ConversationId::generate(), message("x")).failure().code(),
              v1::ERROR_CODE_NOT_FOUND);
}

TEST_F(ConversationTest, NotesAreAStreamOfTheirOwnThatVisitorsNeverSee) {
    const auto conversation = world_.open(gateway_);
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    observer_.take();
    const auto receipt = alice_.post(conversation, note("difficult"));
    EXPECT_EQ(receipt.recorded().stream(), v1::STREAM_STAFF);
    EXPECT_EQ(receipt.recorded().seq(), 1U);
    const auto sent = observer_.take();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].topic, topics::format(topics::StaffLog{kSite, conversation}));
    EXPECT_EQ(eventsOf(sent)[0].after_seq(), 2U);

    EXPECT_EQ(gateway_.history(conversation, 0, 0, v1::STREAM_STAFF).failure().code(),
              v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(gateway_.history(conversation).history().events_size(), 2);
    EXPECT_FALSE(gateway_.status(conversation, receipt.request_id()).status().has_receipt());
    const auto staff = alice_.history(conversation, 0, 0, v1::STREAM_STAFF).history();
    ASSERT_EQ(staff.events_size(), 1);
    EXPECT_EQ(staff.events(0).note().text(), "difficult");
    EXPECT_TRUE(alice_.status(conversation, receipt.request_id()).status().has_receipt());
}

TEST_F(ConversationTest, HistoryComesInPages) {
    const auto conversation = world_.open(gateway_);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(gateway_.post(conversation, std::vector<v1::Draft>{message("a"), message("b")})
                        .has_post());
    }
    const auto page = gateway_.history(conversation, 3, 4).history();
    EXPECT_EQ(page.head_seq(), 11U);
    EXPECT_EQ(page.epoch(), 1U);
    ASSERT_EQ(page.events_size(), 4);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(page.events(i).seq(), 4U + static_cast<unsigned>(i));
    EXPECT_EQ(gateway_.history(conversation, 11).history().events_size(), 0);
    EXPECT_EQ(gateway_.history(conversation, 0, 201).failure().code(), v1::ERROR_CODE_MALFORMED);
}

TEST_F(ConversationTest, APageOfHistoryStaysUnderHalfAMegabyte) {
    const auto conversation = world_.open(gateway_);
    for (int i = 0; i < 2; ++i) {
        std::vector<v1::Draft> drafts;
        for (int k = 0; k < 60; ++k) drafts.push_back(message(std::string(kMaxTextBytes, 'x')));
        ASSERT_TRUE(gateway_.post(conversation, drafts).has_post());
    }
    std::uint64_t seen = 0;
    int pages = 0;
    while (seen < 121 && pages < 10) {
        const auto page = gateway_.history(conversation, seen);
        EXPECT_LE(page.ByteSizeLong(), 520U * 1024);
        ASSERT_GT(page.history().events_size(), 0);
        EXPECT_EQ(page.history().events(0).seq(), seen + 1);
        seen = page.history().events(page.history().events_size() - 1).seq();
        ++pages;
    }
    EXPECT_EQ(seen, 121U);
    EXPECT_EQ(pages, 2);
}

TEST_F(ConversationTest, StatusTellsWhatBecameOfADraft) {
    const auto conversation = world_.open(gateway_);
    const auto draft = message("x");
    EXPECT_FALSE(gateway_.status(conversation, draft.request_id()).status().has_receipt());
    ASSERT_TRUE(gateway_.post(conversation, draft).has_recorded());
    const auto receipt = gateway_.status(conversation, draft.request_id()).status().receipt();
    EXPECT_EQ(receipt.recorded().seq(), 2U);
    EXPECT_EQ(receipt.recorded().epoch(), 1U);
}

TEST_F(ConversationTest, TheChainOfHashesHolds) {
    const auto conversation = world_.open(gateway_);
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    ASSERT_TRUE(gateway_.post(conversation, message("x")).has_recorded());
    ASSERT_TRUE(alice_.post(conversation, message("y")).has_recorded());
    const auto history = gateway_.history(conversation).history();
    ASSERT_EQ(history.events_size(), 4);
    std::string previous;
    for (const auto& event : history.events()) {
        EXPECT_EQ(event.previous_hash(), previous);
        EXPECT_EQ(event.content_hash(), contentHash(event));
        EXPECT_EQ(event.salt().size(), 16U);
        previous = canonicalHash(event);
    }
}

}  // namespace
}  // namespace parlor::ledger::test
