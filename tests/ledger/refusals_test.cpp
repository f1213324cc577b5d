// What becomes of drafts that are refused, on every database that is installed: any ledger can say
// why, for a while.

#include <gmock/gmock.h>

#include "ledger/search/digest.h"
#include "ledger/search/erasure.h"
#include "tests/ledger/store_suite.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

const Error kClosed{Errc::closed, "the conversation is closed"};
constexpr std::int64_t kAt = 5000;

class RefusalTest : public StoreSuite {
 protected:
    void SetUp() override {
        StoreSuite::SetUp();
        if (!store_) return;
        row_.closedAtMs = 1000;
        write({.opened = {&row_}});
    }
    void write(const Changes& changes) {
        Scope scope;
        for (const auto* row : changes.changed) scope.conversations.push_back(row->id);
        Snapshot snapshot;
        const auto done = store_->makeWriter()->record(scope, snapshot,
                                                       [&]() -> const Changes& { return changes; });
        ASSERT_TRUE(done) << done.error().text;
    }
    DraftKey newKey() const { return {row_.id, RequestId::generate()}; }
    NewRefusal refusalOf(const DraftKey& key, const Error& why = kClosed) const {
        return {key, why, kAt};
    }
    void refuse(std::vector<NewRefusal> refusals) {
        Changes changes;
        changes.refusals = std::move(refusals);
        write(changes);
    }
    Outcome outcome(const DraftKey& key, const SiteId& site = kSite) {
        const auto found = store_->makeReader()->outcome(site, key);
        EXPECT_TRUE(found) << found.error().text;
        return found ? *found : Outcome();
    }
    // "" where the draft is not refused.
    std::string reason(const DraftKey& key, const SiteId& site = kSite) {
        const auto found = outcome(key, site);
        return found.refused ? found.refused->text : "";
    }

    Conversation row_{.id = ConversationId::generate(),
                      .site = kSite,
                      .department = *DepartmentId::parse("general"),
                      .state = ConversationState::closed,
                      .agent = {},
                      .shared = {},
                      .staff = {},
                      .visitorName = {},
                      .preview = {}};
};

TEST_P(RefusalTest, IsKeptOnceAndForItsSite) {
    const auto key = newKey();
    const auto other = newKey();
    refuse({refusalOf(key), refusalOf(other, {Errc::forbidden, "note: 仅限客服"})});
    refuse({refusalOf(other, {Errc::internal, "another reason"}), refusalOf(key), refusalOf(key)});
    const auto kept = outcome(other);
    ASSERT_TRUE(kept.refused);
    EXPECT_EQ(kept.refused->code, Errc::forbidden);
    EXPECT_EQ(kept.refused->text, "note: 仅限客服");
    EXPECT_EQ(reason(key), kClosed.text);
    EXPECT_EQ(reason(newKey()), "");
    EXPECT_EQ(reason(key, *SiteId::parse("other")), "");
}

TEST_P(RefusalTest, ManyInOneTransaction) {
    std::vector<NewRefusal> refusals;
    for (int i = 0; i < 600; ++i) refusals.push_back(refusalOf(newKey()));
    refuse(refusals);
    for (const auto& each : refusals) EXPECT_EQ(reason(each.key), kClosed.text);
}

TEST_P(RefusalTest, WhatIsRecordedLaterCounts) {
    const auto key = newKey();
    refuse({refusalOf(key)});
    Changes changes;
    ++row_.shared.seq;
    changes.changed = {&row_};
    changes.events.push_back({.key = key,
                              .place = {v1::STREAM_SHARED, row_.shared.seq},
                              .recordedAtMs = kAt,
                              .bytes = "event",
                              .hash = std::string(32, 'h')});
    write(changes);
    const auto now = outcome(key);
    EXPECT_EQ(now.recorded, (Place{v1::STREAM_SHARED, row_.shared.seq}));
    EXPECT_FALSE(now.refused);
}

TEST_P(RefusalTest, IsForgottenByItsAge) {
    const auto key = newKey();
    refuse({refusalOf(key)});
    const auto eraser = store_->makeEraser();
    ASSERT_TRUE(eraser->forgetRefusals(kAt));
    EXPECT_EQ(reason(key), kClosed.text);
    ASSERT_TRUE(eraser->forgetRefusals(kAt + 1));
    EXPECT_EQ(reason(key), "");
}

TEST_P(RefusalTest, GoesWithItsConversation) {
    const auto erased = newKey();
    refuse({refusalOf(erased)});
    const auto eraser = store_->makeEraser();
    ASSERT_TRUE(eraser->erase(kSite, row_.id, stripped, termsOfEvent, {kSite, {}, {}, {}}));
    EXPECT_EQ(reason(erased), "");

    const auto removed = newKey();
    refuse({refusalOf(removed)});
    ASSERT_TRUE(eraser->remove({kSite, row_.id}, termsOfEvent));
    write({.opened = {&row_}});  // else nobody could tell
    EXPECT_EQ(reason(removed), "");
}

INSTANTIATE_TEST_SUITE_P(Databases, RefusalTest, everyDatabase(), databaseName);

// Through a ledger.
class RefusedDraftTest : public testing::Test {
 protected:
    v1::Receipt status(Sender& who, const std::string& request) {
        return who.status(conversation_, request).status().receipt();
    }

    World world_;
    Sender gateway_{world_.broker()};
    Sender elsewhere_{world_.broker()};
    ConversationId conversation_ = world_.open(gateway_);
};

TEST_F(RefusedDraftTest, IsToldToEveryGateway) {
    ASSERT_TRUE(gateway_.post(conversation_, close()).has_recorded());
    const auto draft = close("a reason that is nobody else's business");
    const auto receipt = gateway_.post(conversation_, draft);
    ASSERT_EQ(receipt.failure().code(), v1::ERROR_CODE_CLOSED);
    const auto told = status(elsewhere_, draft.request_id());
    EXPECT_EQ(told.request_id(), draft.request_id());
    EXPECT_EQ(told.failure().code(), v1::ERROR_CODE_CLOSED);
    EXPECT_EQ(told.failure().text(), receipt.failure().text());
    EXPECT_THAT(told.failure().text(), testing::Not(testing::HasSubstr("nobody else's")));
}

TEST_F(RefusedDraftTest, MayBeRecordedAfterAll) {
    ASSERT_TRUE(gateway_.post(conversation_, close()).has_recorded());
    const auto draft = close();
    ASSERT_TRUE(gateway_.post(conversation_, draft).has_failure());
    ASSERT_TRUE(gateway_.post(conversation_, message("again")).has_recorded());  // reopens
    const auto receipt = gateway_.post(conversation_, draft);
    ASSERT_TRUE(receipt.has_recorded());
    EXPECT_EQ(status(elsewhere_, draft.request_id()).recorded().seq(), receipt.recorded().seq());
}

// What was refused together with what was recorded; and what nobody asks gateways about.
TEST_F(RefusedDraftTest, IsKeptBesideOthersAndForVisitorsOnly) {
    const auto bad = read(99);
    const auto both = gateway_.post(conversation_, {message("hello"), bad});
    ASSERT_TRUE(both.post().receipts(0).has_recorded());
    ASSERT_TRUE(both.post().receipts(1).has_failure());
    EXPECT_EQ(status(elsewhere_, bad.request_id()).failure().code(), v1::ERROR_CODE_MALFORMED);

    Sender alice(world_.broker(), kAlice);
    const auto draft = rating(5);
    ASSERT_TRUE(alice.post(conversation_, draft).has_failure());
    EXPECT_FALSE(status(elsewhere_, draft.request_id()).has_failure());
}

}  // namespace
}  // namespace parlor::ledger::test
