// The search index made anew, on every database: as it was, whatever happens meanwhile.

#include "ledger/search/reindex.h"

#include <atomic>
#include <thread>

#include "ledger/search/erasure.h"
#include "ledger/search/indexer.h"
#include "ledger/store/sql_check.h"
#include "ledger/store/sql_connection.h"
#include "ledger/store/sql_rows.h"
#include "tests/ledger/requests/archive_suite.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr ReindexOptions kSmall{.events = 7, .page = 3, .threads = 2};

class ReindexTest : public ArchiveSuite {
 protected:
    // So many conversations, each with three messages and a note, closed.
    std::vector<Conversation> saveTalks(int count) {
        std::vector<Conversation> rows;
        std::vector<NewEvent> events;
        for (int i = 0; i < count; ++i) {
            auto& each = rows.emplace_back(row(next_++));
            each.state = ConversationState::closed;
            each.closedAtMs = each.openedAtMs + 10'000;
            for (int m = 0; m < 3; ++m) events.push_back(event(each, message("word", m == 1)));
            v1::Event note;
            note.mutable_note()->set_text("aside");
            events.push_back(event(each, note, v1::STREAM_STAFF));
        }
        save(rows, events);
        return rows;
    }
    void reindexed(std::uint64_t events) {
        std::uint64_t told = 0;
        const auto done =
            reindex(*store_, kSmall, [&](const Reindexed& soFar) { told = soFar.events; });
        ASSERT_TRUE(done) << done.error().text;
        EXPECT_EQ(done->events, events);
        EXPECT_EQ(told, events);
        EXPECT_EQ(done->refused, 0U);
    }
    void expectWhole(std::size_t words, std::size_t asides) {
        EXPECT_THAT(index_->behind(ConversationId(), 1000)->ids, IsEmpty());
        EXPECT_THAT(find("word"), SizeIs(words));
        EXPECT_THAT(find("aside"), SizeIs(asides));
        EXPECT_THAT(*checkTables(database_->url()), IsEmpty());
    }
    std::vector<Digest> digests() {
        return *archive_->digests(kShop, 0, std::numeric_limits<std::int64_t>::max() / 2,
                                  ConversationId(), 1000);
    }
    // What the indexer does, of so many events.
    void indexSome(std::uint32_t events) {
        const auto behind = index_->behind(ConversationId(), 1000);
        const auto advanced = index_->advance(behind->ids, events, follow);
        ASSERT_TRUE(advanced) << advanced.error().text;
    }
    void run(std::string_view script) {
        SqlDatabase database(database_->url());
        SqlSession(database, SessionUse::write).runScript(script);
    }

 private:
    int next_ = 0;
};

TEST_P(ReindexTest, FindsWhatWasFoundAndKeepsFigures) {
    const auto rows = saveTalks(9);
    indexAll();
    const auto erased =
        store_->makeEraser()->erase(kShop, rows[4].id, stripped, termsOfEvent, {kShop, {}, {}, {}});
    ASSERT_TRUE(erased) << erased.error().text;
    const auto before = digests();
    ASSERT_THAT(before, SizeIs(9));
    EXPECT_EQ(before[4].visitorMessages, 2U);
    reindexed(36);
    expectWhole(24, 8);
    EXPECT_EQ(digests(), before);
}

TEST_P(ReindexTest, WhatAnOlderIndexHadTooMuchGoes) {
    saveTalks(2);
    indexAll();
    SqlDatabase database(database_->url());
    Texts sites{kShop.str()};
    Texts terms{"stale"};
    Numbers documents{1};
    SqlSession(database, SessionUse::write)
        .runRows("insert_terms", std::tie(sites, terms, documents), std::tuple<>());
    EXPECT_THAT(*checkTables(database_->url()), SizeIs(1));
    reindexed(8);
    expectWhole(6, 2);
}

TEST_P(ReindexTest, BrokenOffAndBegunAgainItEndsTheSame) {
    saveTalks(6);
    indexAll();
    const auto before = digests();
    ASSERT_TRUE(index_->empty());
    indexSome(10);
    EXPECT_THAT(find("word"), SizeIs(testing::Lt(18)));
    reindexed(24);
    expectWhole(18, 6);
    EXPECT_EQ(digests(), before);
}

TEST_P(ReindexTest, BrokenOffALedgerThatStartsDoesTheRest) {
    saveTalks(6);
    indexAll();
    const auto before = digests();
    ASSERT_TRUE(index_->empty());
    indexSome(10);
    Indexer indexer({.delay = std::chrono::milliseconds(1)}, store_->makeSearchIndex(),
                    store_->isShared(), Poco::Logger::get("test"));
    indexer.start();
    EXPECT_TRUE(parlor::test::eventually(
        [&] { return index_->behind(ConversationId(), 1000)->ids.empty(); }));
    indexer.stop();
    expectWhole(18, 6);
    EXPECT_EQ(digests(), before);
}

// Where the database empties tables outside of transactions, an end in between leaves documents of
// events that are unread.
TEST_P(ReindexTest, BrokenOffBeforeTheTablesAreEmptyNothingIsThereTwice) {
    saveTalks(6);
    indexAll();
    run("reset_indexed");
    const auto done = indexUnread(*store_, kSmall, [](const auto&) {});
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(done->events, 24U);
    expectWhole(18, 6);
}

TEST_P(ReindexTest, WhatComesMeanwhileIsIndexedOnce) {
    saveTalks(40);
    indexAll();
    std::atomic<bool> ended{false};
    std::thread ledger([&] {
        const auto index = store_->makeSearchIndex();
        while (!ended) {
            const auto behind = index->behind(ConversationId(), 5);
            if (behind) (void)index->advance(behind->ids, 4, follow);
        }
    });
    int talks = 40;
    for (int i = 0; i < 3; ++i) {
        const auto done = reindex(*store_, kSmall, [&](const auto&) {
            if (talks < 60) {
                saveTalks(1);
                ++talks;
            }
        });
        EXPECT_TRUE(done) << done.error().text;
    }
    ended = true;
    ledger.join();
    ASSERT_TRUE(indexUnread(*store_, kSmall, [](const auto&) {}));
    EXPECT_EQ(talks, 60);
    expectWhole(180, 60);
    for (const auto& each : digests()) {
        EXPECT_EQ(each.visitorMessages, 2U);
        EXPECT_EQ(each.agentMessages, 1U);
    }
}

INSTANTIATE_TEST_SUITE_P(Databases, ReindexTest, everyDatabase(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
