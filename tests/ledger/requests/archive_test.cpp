// Lists, search and digests, on every database that is installed: all of them find the same.

#include "ledger/store/archive.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "ledger/search/indexer.h"
#include "tests/ledger/requests/archive_suite.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class ArchiveTest : public ArchiveSuite {};

TEST_P(ArchiveTest, ListsByWhatIsAskedInPages) {
    std::vector<Conversation> rows;
    for (int i = 0; i < 6; ++i) rows.push_back(row(i, i % 2 == 0 ? "general" : "sales"));
    rows[1].agent = *AgentId::parse("alice");
    rows[1].state = ConversationState::assigned;
    rows[2].agent = *AgentId::parse("alice");
    rows[2].state = ConversationState::closed;
    rows[2].closedAtMs = 7;
    rows[2].visitorEmail = "li@example.com";
    rows[3].visitorEmail = "li@example.com";
    rows.push_back(row(1));
    rows.back().site = *SiteId::parse("other");
    const auto id = [&](std::size_t i) { return rows[i].id; };
    const auto alice = AgentId::parse("alice").value();
    const auto bob = AgentId::parse("bob").value();
    save(rows, {}, {{kShop, alice, id(2)}, {kShop, alice, id(1)}});

    EXPECT_THAT(list({.site = kShop}), ElementsAre(id(5), id(4), id(3), id(2), id(1), id(0)));
    EXPECT_THAT(list({.site = kShop, .department = DepartmentId::parse("sales").value()}),
                ElementsAre(id(5), id(3), id(1)));
    EXPECT_THAT(list({.site = kShop, .agent = alice}), ElementsAre(id(2), id(1)));
    EXPECT_THAT(list({.site = kShop, .agent = alice, .state = ConversationState::closed}),
                ElementsAre(id(2)));
    EXPECT_THAT(list({.site = kShop, .state = ConversationState::waiting}),
                ElementsAre(id(5), id(4), id(3), id(0)));
    EXPECT_THAT(list({.site = kShop, .visitorEmail = "li@example.com"}), ElementsAre(id(3), id(2)));
    EXPECT_THAT(list({.site = kShop, .agent = alice, .visitorEmail = "li@example.com"}),
                ElementsAre(id(2)));
    EXPECT_THAT(list({.site = kShop, .agent = bob, .visitorEmail = "li@example.com"}), IsEmpty());
    EXPECT_THAT(list({.site = kShop,
                      .openedFromMs = rows[2].openedAtMs,
                      .openedUntilMs = rows[4].openedAtMs}),
                ElementsAre(id(3), id(2)));
    EXPECT_THAT(list({.site = *SiteId::parse("nowhere")}), IsEmpty());

    const auto one =
        archive_->list({.site = kShop, .state = ConversationState::closed, .limit = 10});
    ASSERT_THAT(*one, SizeIs(1));
    EXPECT_EQ(one->front().visitorName, "李雷");
    EXPECT_EQ(one->front().visitorEmail, "li@example.com");
    EXPECT_EQ(one->front().agent, "alice");
    EXPECT_EQ(one->front().closedAtMs, 7);
    EXPECT_EQ(one->front().openedAtMs, rows[2].openedAtMs);
}

TEST_P(ArchiveTest, ListsAConversationForEachWhoTookPart) {
    const auto alice = AgentId::parse("alice").value();
    const auto bob = AgentId::parse("bob").value();
    auto held = row(0);
    held.agent = bob;
    const auto other = row(1);
    save({held, other}, {},
         {{kShop, bob, held.id}, {kShop, alice, held.id}, {kShop, bob, held.id}});
    Changes again;
    again.events = {event(held, message("hello again"))};
    again.participants = {{kShop, alice, held.id}, {kShop, alice, other.id}};
    Snapshot snapshot;
    const auto done = writer_->record({}, snapshot, [&]() -> const Changes& { return again; });
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_THAT(list({.site = kShop, .agent = alice}), ElementsAre(other.id, held.id));
    EXPECT_THAT(list({.site = kShop, .agent = bob}), ElementsAre(held.id));
    EXPECT_EQ(archive_->list({.site = kShop, .agent = alice, .limit = 9})->back().agent, "bob");
    EXPECT_THAT(list({.site = *SiteId::parse("other"), .agent = alice}), IsEmpty());
}

TEST_P(ArchiveTest, FindsWordsAndChineseAlike) {
    auto first = row(0);
    auto second = row(1);
    std::vector<NewEvent> events;
    for (const auto* text : {"我要退款", "退货，不是退款", "where is my ORDER", "order 退款 42",
                             "退一款", "Ωmega naïve"}) {
        events.push_back(event(first, message(text)));
    }
    v1::Event note;
    note.mutable_note()->set_text("refund 退款 note");
    events.push_back(event(second, note, v1::STREAM_STAFF));
    v1::Event opened;
    opened.mutable_opened()->mutable_visitor()->set_name("Zoë Müller");
    opened.mutable_opened()->mutable_visitor()->set_email("zoe@example.com");
    events.push_back(event(second, opened));
    save({first, second}, events);
    indexAll();

    EXPECT_THAT(find("退款"),
                ElementsAre("refund 退款 note", "order 退款 42", "退货，不是退款", "我要退款"));
    EXPECT_THAT(find("退款", 1), SizeIs(4));  // page by page
    EXPECT_THAT(find("要退款"), ElementsAre("我要退款"));
    EXPECT_THAT(find("Order"), ElementsAre("order 退款 42", "where is my ORDER"));
    EXPECT_THAT(find("退款 order"), ElementsAre("order 退款 42"));
    EXPECT_THAT(find("müller"), SizeIs(1));
    EXPECT_THAT(find("ZOE@example.com"), SizeIs(1));
    EXPECT_THAT(find("ωMEGA"), SizeIs(1));
    EXPECT_THAT(find("nowhere"), IsEmpty());
    EXPECT_THAT(
        search(*index_, *SiteId::parse("other"), *SearchQuery::parse("退款"), 0, kLast, 9)->events,
        IsEmpty());
    const auto late = search(*index_, kShop, *SearchQuery::parse("退款"),
                             firstDocumentAt(second.openedAtMs), kLast, 9);
    EXPECT_THAT(late->events, SizeIs(1));
}

// A rare word beside a common one: the common one's list is not read from end to end.
TEST_P(ArchiveTest, FindsTheNeedle) {
    auto hay = row(0);
    std::vector<NewEvent> events;
    for (int i = 0; i < 600; ++i) {
        events.push_back(event(hay, message(i == 5 ? "common needle" : "common")));
    }
    save({hay}, events);
    const auto advanced = index_->advance({{hay.id}}, 1000, follow);
    ASSERT_TRUE(advanced) << advanced.error().text;
    EXPECT_THAT(find("common needle"), ElementsAre("common needle"));
    EXPECT_THAT(find("common", 50), SizeIs(600));
}

TEST_P(ArchiveTest, DigestsFollowTheRecord) {
    auto in = row(3);
    v1::Event opened;
    opened.mutable_opened()->set_department("sales");
    v1::Event assigned;
    assigned.mutable_assigned()->set_agent("bob");
    v1::Event closed;
    closed.mutable_closed();
    v1::Event rating;
    rating.mutable_rating()->set_score(5);
    opened.set_recorded_at_ms(0);
    const std::vector<NewEvent> events{event(in, opened),
                                       event(in, message("a")),
                                       event(in, assigned),
                                       event(in, message("b", true)),
                                       event(in, message("c", true)),
                                       event(in, closed),
                                       event(in, rating)};
    save({in}, events);
    indexAll();
    const auto found =
        archive_->digests(kShop, in.openedAtMs, in.openedAtMs + 60000, ConversationId(), 10);
    ASSERT_TRUE(found) << found.error().text;
    ASSERT_THAT(*found, SizeIs(1));
    EXPECT_EQ(found->front(), (Digest{.conversation = in.id,
                                      .department = "sales",
                                      .agent = "bob",
                                      .openedAtMs = in.openedAtMs + 1000,
                                      .assignedAtMs = in.openedAtMs + 3000,
                                      .respondedAtMs = in.openedAtMs + 4000,
                                      .closedAtMs = in.openedAtMs + 6000,
                                      .visitorMessages = 1,
                                      .agentMessages = 2,
                                      .score = 5,
                                      .sharedSeq = 7,
                                      .staffSeq = 0,
                                      .indexedSharedSeq = 7,
                                      .indexedStaffSeq = 0}));
    EXPECT_THAT(*archive_->digests(kShop, in.openedAtMs + 1001, in.openedAtMs + 60000,
                                   ConversationId(), 10),
                IsEmpty());
}

// One look is bounded by what it looks at, not by what it finds.
TEST_P(ArchiveTest, LooksForWhatIsBehindPageByPage) {
    std::vector<Conversation> rows;
    for (int i = 0; i < 5; ++i) rows.push_back(row(i));
    std::vector<NewEvent> events;
    for (auto& each : rows) events.push_back(event(each, message("word")));
    save(rows, events);
    for (const std::size_t i : {0U, 1U, 3U}) {
        ASSERT_EQ(index_->advance({{rows[i].id}}, 10, follow)->events, 1U);
    }
    const auto first = index_->behind(ConversationId(), 2);
    ASSERT_TRUE(first) << first.error().text;
    EXPECT_THAT(first->ids, IsEmpty());
    EXPECT_EQ(first->last, rows[1].id);
    const auto second = index_->behind(rows[1].id, 2);
    EXPECT_THAT(second->ids, ElementsAre(rows[2].id));
    EXPECT_EQ(second->last, rows[3].id);
    EXPECT_THAT(index_->behind(rows[3].id, 2)->ids, ElementsAre(rows[4].id));
    EXPECT_FALSE(index_->behind(rows[4].id, 2)->last);

    Indexer indexer({.delay = std::chrono::milliseconds(1), .page = 2}, store_->makeSearchIndex(),
                    store_->isShared(), Poco::Logger::get("test"));
    indexer.start();
    EXPECT_TRUE(parlor::test::eventually(
        [&] { return index_->behind(ConversationId(), 10)->ids.empty(); }));
    indexer.stop();
    EXPECT_THAT(find("word"), SizeIs(5));
}

// Many conversations, a bounded number of events of each transaction, each event once.
TEST_P(ArchiveTest, ReadsManyConversationsAtOnce) {
    std::vector<Conversation> rows;
    for (int i = 0; i < 40; ++i) rows.push_back(row(i));
    rows[7].site = *SiteId::parse("other");
    std::vector<NewEvent> events;
    std::vector<ConversationId> ids{ConversationId::generate()};  // which there is not
    for (auto& each : rows) {
        for (int i = 0; i < 3; ++i) events.push_back(event(each, message("word")));
        v1::Event note;
        note.mutable_note()->set_text("aside");
        events.push_back(event(each, note, v1::STREAM_STAFF));
        ids.push_back(each.id);
    }
    save(rows, events);
    std::uint32_t taken = 0;
    for (auto unfinished = ids; !unfinished.empty();) {
        const auto advanced = index_->advance(unfinished, 50, follow);
        ASSERT_TRUE(advanced) << advanced.error().text;
        EXPECT_LE(advanced->events, 50U);
        ASSERT_GT(advanced->events, 0U);
        taken += advanced->events;
        unfinished = advanced->unfinished;
    }
    EXPECT_EQ(taken, 160U);
    EXPECT_THAT(index_->behind(ConversationId(), 100)->ids, IsEmpty());
    EXPECT_THAT(find("word"), SizeIs(117));
    EXPECT_THAT(find("aside"), SizeIs(39));
    EXPECT_EQ(index_->advance(ids, 50, follow)->events, 0U);
}

// Replicas may follow the same conversations: each event is taken once.
TEST_P(ArchiveTest, ConcurrentIndexersTakeEachEventOnce) {
    constexpr std::uint32_t kEvents = 60;
    std::vector<Conversation> rows{row(0), row(1), row(2)};
    std::vector<ConversationId> ids;
    std::vector<NewEvent> events;
    for (auto& each : rows) {
        for (std::uint32_t i = 0; i < kEvents; ++i) events.push_back(event(each, message("word")));
        ids.push_back(each.id);
    }
    save(rows, events);
    std::atomic<std::uint32_t> taken{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&] {
            const auto mine = store_->makeSearchIndex();
            for (auto unfinished = ids; !unfinished.empty();) {
                const auto advanced = mine->advance(unfinished, 16, follow);
                ASSERT_TRUE(advanced) << advanced.error().text;
                taken += advanced->events;
                unfinished = advanced->unfinished;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(taken.load(), 3 * kEvents);
    EXPECT_THAT(find("word"), SizeIs(3 * kEvents));
}

INSTANTIATE_TEST_SUITE_P(Databases, ArchiveTest, everyDatabase(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
