// A writer trusts what it wrote last; here others have written since, or a draft comes again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "ledger/store/store.h"
#include "tests/ledger/store_suite.h"

namespace parlor::ledger::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const SiteId kSite = *SiteId::parse("shop");
const Terms kNoTerms = [](const std::string&) { return std::vector<std::string>(); };

NewEvent event(const Conversation& row, v1::Stream stream, const RequestId& request) {
    const Head& head = stream == v1::STREAM_STAFF ? row.staff : row.shared;
    return {.key = {row.id, request},
            .place = {stream, head.seq},
            .recordedAtMs = 1764000000002,
            .bytes = request.str(),
            .hash = std::string(32, 'h')};
}

// What a transaction came to.
struct Outcome {
    std::optional<Place> place;       // of the draft: recorded now or before
    std::optional<Conversation> row;  // as it was found; none: there is no conversation
    int decisions = 0;
};

class WriterTest : public StoreSuite {
 protected:
    void SetUp() override {
        ASSERT_NO_FATAL_FAILURE(StoreSuite::SetUp());
        writer_ = store_->makeWriter();
        other_ = store_->makeWriter();
        reader_ = store_->makeReader();
    }

    ConversationId open(Writer& writer) {
        const Conversation row{.id = ConversationId::generate(),
                               .site = kSite,
                               .department = *DepartmentId::parse("general"),
                               .visitorName = "Zoë",
                               .openedAtMs = 1764000000000};
        const Changes changes{.opened = {&row}, .changed = {}, .advanced = {}, .events = {}};
        Snapshot snapshot;
        const auto done =
            writer.record({{row.id}, {}}, snapshot, [&]() -> const Changes& { return changes; });
        EXPECT_TRUE(done) << done.error().text;
        return row.id;
    }
    // Records a message as a batch does, unless it is recorded.
    Outcome say(Writer& writer, const ConversationId& id,
                const RequestId& request = RequestId::generate()) {
        return change(writer, id, v1::STREAM_SHARED, request, [](Conversation&) {});
    }
    Outcome note(Writer& writer, const ConversationId& id) {
        return change(writer, id, v1::STREAM_STAFF, RequestId::generate(), [](Conversation&) {});
    }
    void close(Writer& writer, const ConversationId& id) {
        change(writer, id, v1::STREAM_SHARED, RequestId::generate(), [](Conversation& row) {
            row.state = ConversationState::closed;
            row.closedAtMs = 5;
        });
    }
    std::vector<std::string> events(const ConversationId& id) {
        const auto page = reader_->history({kSite, id, v1::STREAM_SHARED, 0, 1000});
        return page ? page->events : std::vector<std::string>();
    }
    std::vector<Conversation> rows(const ConversationId& id) {
        return *reader_->conversations(std::vector{id});
    }

    std::unique_ptr<Writer> writer_;
    std::unique_ptr<Writer> other_;
    std::unique_ptr<Reader> reader_;

 private:
    template <class Edit>
    Outcome change(Writer& writer, const ConversationId& id, v1::Stream stream,
                   const RequestId& request, Edit&& edit) {
        const DraftKey key{id, request};
        Outcome outcome;
        Snapshot snapshot;
        std::optional<Conversation> row;
        Changes changes;
        const auto decide = [&]() -> const Changes& {
            ++outcome.decisions;
            outcome.place.reset();
            outcome.row.reset();
            changes = {};
            const auto found = snapshot.conversations.find(id);
            if (found == snapshot.conversations.end()) return changes;
            outcome.row = row = found->second;
            if (const auto known = snapshot.known.find(key); known != snapshot.known.end()) {
                outcome.place = known->second.place;
                return changes;
            }
            Head& head = stream == v1::STREAM_STAFF ? row->staff : row->shared;
            head = {head.seq + 1, std::string(32, static_cast<char>('a' + head.seq % 26))};
            edit(*row);
            const bool advances = stream == v1::STREAM_SHARED && row->standsAs(found->second);
            (advances ? changes.advanced : changes.changed).push_back(&*row);
            changes.events.push_back(event(*row, stream, request));
            outcome.place = changes.events.back().place;
            return changes;
        };
        const auto done = writer.record({{id}, {key}}, snapshot, decide);
        EXPECT_TRUE(done) << done.error().text;
        return outcome;
    }
};

TEST_P(WriterTest, ARepeatedDraftHasItsFirstPlaceWhoeverRecordedIt) {
    const auto id = open(*writer_);
    const auto first = RequestId::generate();
    const auto second = RequestId::generate();
    const Place one{v1::STREAM_SHARED, 1};
    const Place two{v1::STREAM_SHARED, 2};
    EXPECT_EQ(say(*writer_, id, first).place, one);
    EXPECT_EQ(say(*writer_, id, first).place, one);
    EXPECT_EQ(say(*other_, id, first).place, one);
    EXPECT_EQ(say(*other_, id, second).place, two);
    EXPECT_EQ(say(*writer_, id, second).place, two);
    EXPECT_EQ(say(*store_->makeWriter(), id, second).place, two);  // after a restart
    EXPECT_THAT(events(id), testing::ElementsAre(first.str(), second.str()));
}

TEST_P(WriterTest, GoesOnHoweverOftenADraftIsRepeated) {
    const auto id = open(*writer_);
    const auto request = RequestId::generate();
    say(*writer_, id, request);
    for (std::uint64_t i = 0; i < 100; ++i) {
        EXPECT_EQ(say(*writer_, id, request).place, (Place{v1::STREAM_SHARED, 1}));
        EXPECT_EQ(say(*writer_, id).place, (Place{v1::STREAM_SHARED, 2 + i}));
    }
}

// A note moves no number of the visitors' stream.
TEST_P(WriterTest, AnothersNoteIsSeenBeforeTheConversationGoesOn) {
    const auto id = open(*writer_);
    say(*writer_, id);
    note(*other_, id);
    EXPECT_EQ(say(*writer_, id).row->staff.seq, 1U);
    EXPECT_EQ(rows(id).at(0).staff.seq, 1U);
    EXPECT_EQ(rows(id).at(0).shared.seq, 2U);
}

TEST_P(WriterTest, WhatAnotherClosedIsDecidedOnAsClosed) {
    const auto id = open(*writer_);
    close(*other_, id);
    const auto outcome = say(*writer_, id);
    EXPECT_EQ(outcome.row->state, ConversationState::closed);
    EXPECT_EQ(outcome.place, (Place{v1::STREAM_SHARED, 2}));
}

TEST_P(WriterTest, WhatWasRemovedStaysRemoved) {
    const auto id = open(*writer_);
    say(*writer_, id);
    close(*other_, id);
    ASSERT_TRUE(store_->makeEraser()->remove({kSite, id}, kNoTerms));
    EXPECT_FALSE(say(*writer_, id).place);
    EXPECT_THAT(rows(id), IsEmpty());
    EXPECT_THAT(events(id), IsEmpty());
}

TEST_P(WriterTest, WhatWasErasedStaysErasedWhenTheConversationGoesOn) {
    const auto id = open(*writer_);
    close(*writer_, id);
    const auto keep = [](const std::string&) { return std::optional<std::string>(); };
    ASSERT_TRUE(store_->makeEraser()->erase(kSite, id, keep, kNoTerms,
                                            {kSite, "erin", "erase.visitor", id.str()}));
    say(*writer_, id);
    EXPECT_EQ(rows(id).at(0).visitorName, "");
}

// As after a restore: as many events, but other ones.
TEST_P(WriterTest, ARaisedEpochIsDecidedOn) {
    const auto id = open(*writer_);
    say(*writer_, id);
    auto restored = rows(id).at(0);
    restored.shared.hash = std::string(32, 'r');
    const Changes changes{.opened = {}, .changed = {&restored}, .advanced = {}, .events = {}};
    Snapshot snapshot;
    SqlStore elsewhere(database_->url());
    ASSERT_TRUE(elsewhere.makeWriter()->record({{id}, {}}, snapshot,
                                               [&]() -> const Changes& { return changes; }));
    ASSERT_TRUE(elsewhere.raiseEpoch());
    EXPECT_EQ(say(*writer_, id).row->shared.hash, restored.shared.hash);
}

// Each loses what it decides on what the other has changed.
TEST_P(WriterTest, LocksFirstWhereOthersWriteTheSame) {
    constexpr int kTurns = 100;
    const auto id = open(*writer_);
    int decisions = 0;
    for (int i = 0; i < kTurns; ++i) {
        decisions += say(*writer_, id).decisions + say(*other_, id).decisions;
    }
    EXPECT_THAT(events(id), SizeIs(2 * kTurns));
    EXPECT_LE(decisions, 2 * kTurns + 20);
}

TEST_P(WriterTest, ADraftIsRecordedOnceHoweverManyWritersHaveIt) {
    constexpr int kWriters = 3;
    constexpr std::size_t kDrafts = 60;
    const auto id = open(*writer_);
    std::vector<RequestId> drafts;
    for (std::size_t i = 0; i < kDrafts; ++i) drafts.push_back(RequestId::generate());
    std::vector<std::vector<std::optional<Place>>> places(kWriters);
    std::vector<std::thread> threads;
    for (auto& mine : places) {
        threads.emplace_back([&] {
            const auto writer = store_->makeWriter();
            for (const auto& draft : drafts) mine.push_back(say(*writer, id, draft).place);
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_THAT(events(id), SizeIs(kDrafts));
    std::set<std::uint64_t> numbers;
    for (std::size_t i = 0; i < kDrafts; ++i) {
        ASSERT_TRUE(places[0][i]);
        numbers.insert(places[0][i]->seq);
        for (const auto& mine : places) EXPECT_EQ(mine[i], places[0][i]);
    }
    EXPECT_THAT(numbers, SizeIs(kDrafts));
    EXPECT_EQ(*numbers.rbegin(), kDrafts);
}

INSTANTIATE_TEST_SUITE_P(Databases, WriterTest, everyDatabase(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
