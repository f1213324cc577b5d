// The store's promises, on every database that is installed.

#include "ledger/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>

#include "ledger/store/sql_connection.h"
#include "ledger/store/sql_session.h"
#include "proto/codec.h"
#include "tests/ledger/store_suite.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const SiteId kSite = *SiteId::parse("shop");

const Terms kNoTerms = [](const std::string&) { return std::vector<std::string>(); };

Conversation waiting(const std::string& department = "general") {
    return {.id = ConversationId::generate(),
            .site = kSite,
            .department = *DepartmentId::parse(department),
            .agent = {},
            .shared = {},
            .staff = {},
            .visitorName = "Zoë 李雷 😀",
            .preview = {},
            .openedAtMs = 1764000000000,
            .waitingSinceMs = 1764000000001};
}

NewEvent event(const Conversation& row, std::uint64_t seq, const RequestId& request,
               v1::Stream stream = v1::STREAM_SHARED, std::string bytes = "bytes") {
    return {.key = {row.id, request},
            .place = {stream, seq},
            .recordedAtMs = 1764000000002,
            .bytes = std::move(bytes),
            .hash = std::string(32, 'h')};
}

std::string messageBytes(const std::string& text) {
    v1::Event message;
    message.mutable_message()->set_text(text);
    return message.SerializeAsString();
}

class StoreTest : public StoreSuite {
 protected:
    void SetUp() override {
        ASSERT_NO_FATAL_FAILURE(StoreSuite::SetUp());
        writer_ = store_->makeWriter();
        reader_ = store_->makeReader();
    }

    struct Rows {
        std::vector<Conversation> opened;
        std::vector<Conversation> changed;
        std::vector<NewEvent> events;
        std::vector<Conversation> advanced = {};
    };

    // Writes just so.
    Expected<void> write(const Rows& rows) {
        Changes changes;
        for (const auto& row : rows.opened) changes.opened.push_back(&row);
        for (const auto& row : rows.changed) changes.changed.push_back(&row);
        for (const auto& row : rows.advanced) changes.advanced.push_back(&row);
        changes.events = rows.events;
        Scope scope;
        for (const auto* row : changes.advanced) scope.conversations.push_back(row->id);
        Snapshot snapshot;
        return writer_->record(scope, snapshot, [&]() -> const Changes& { return changes; });
    }
    void writeWell(const Rows& rows) {
        const auto done = write(rows);
        ASSERT_TRUE(done) << done.error().text;
    }
    Snapshot look(const Scope& scope) {
        Snapshot seen;
        const Changes nothing;
        const auto done = writer_->record(scope, seen, [&]() -> const Changes& { return nothing; });
        EXPECT_TRUE(done) << done.error().text;
        return seen;
    }

    std::unique_ptr<Writer> writer_;
    std::unique_ptr<Reader> reader_;
};

TEST_P(StoreTest, KeepsWhatItWasGiven) {
    auto row = waiting();
    row.shared = {3, std::string("\0\1\xff", 3) + std::string(29, 'x')};
    const auto request = RequestId::generate();
    std::string bytes;
    for (int i = 0; i < 9000; ++i) bytes.push_back(static_cast<char>(i));
    writeWell({.opened = {row},
               .changed = {},
               .events = {event(row, 3, request, v1::STREAM_SHARED, bytes)}});

    const DraftKey key{row.id, request};
    const DraftKey unknown{row.id, RequestId::generate()};
    const auto seen = look({{row.id, ConversationId::generate()}, {key, unknown}});
    EXPECT_EQ(seen.epoch, 1U);
    ASSERT_THAT(seen.conversations, SizeIs(1));
    EXPECT_EQ(seen.conversations.at(row.id), row);
    ASSERT_THAT(seen.known, SizeIs(1));
    EXPECT_EQ(seen.known.at(key).place, (Place{v1::STREAM_SHARED, 3}));
    EXPECT_EQ(seen.known.at(key).bytes, bytes);

    row.state = ConversationState::assigned;
    row.agent = *AgentId::parse("alice");
    row.fence = 1;
    row.staff = {1, std::string(32, 's')};
    row.joined = {*AgentId::parse("bob"), *AgentId::parse("carol")};
    row.assignedSeq = 3;
    row.assignedAtMs = 5;
    writeWell({.opened = {}, .changed = {row}, .events = {}});
    EXPECT_EQ(look({{row.id}, {}}).conversations.at(row.id), row);
    EXPECT_THAT(*reader_->standings({{row.id}}),
                ElementsAre(Standing{.id = row.id,
                                     .sharedSeq = 3,
                                     .staffSeq = 1,
                                     .state = ConversationState::assigned,
                                     .fence = 1,
                                     .joined = row.joined}));

    const auto page = reader_->history({kSite, row.id, v1::STREAM_SHARED, 2, 10});
    ASSERT_TRUE(page) << page.error().text;
    EXPECT_EQ(page->headSeq, 3U);
    EXPECT_THAT(page->events, ElementsAre(bytes));
    EXPECT_EQ(reader_->outcome(kSite, key)->recorded, (Place{v1::STREAM_SHARED, 3}));
    EXPECT_FALSE(reader_->outcome(kSite, unknown)->recorded);
    EXPECT_FALSE(reader_->outcome(*SiteId::parse("other"), key)->recorded);
    EXPECT_EQ(
        reader_->history({*SiteId::parse("other"), row.id, v1::STREAM_SHARED, 0, 10}).error().code,
        Errc::notFound);
}

TEST_P(StoreTest, APreviewIsTheBeginningOfItsMessage) {
    std::string text;
    for (int i = 0; i < 50; ++i) text += "李雷 ";
    auto row = waiting();
    row.shared = {2, std::string(32, 'h')};
    row.previewSeq = 1;
    writeWell(
        {.opened = {row},
         .changed = {},
         .events = {event(row, 1, RequestId::generate(), v1::STREAM_SHARED, messageBytes(text)),
                    event(row, 2, RequestId::generate(), v1::STREAM_SHARED,
                          messageBytes("how can I help?"))}});
    row.preview = text.substr(0, 40 * std::strlen("李雷 "));
    EXPECT_EQ(reader_->conversations({{row.id}})->at(0), row);
    EXPECT_EQ(store_->makeArchive()->list({.site = kSite, .limit = 1})->at(0).preview, row.preview);

    row.previewSeq = 2;
    row.preview = "how can I help?";
    writeWell({.opened = {}, .changed = {row}, .events = {}});
    EXPECT_EQ(reader_->conversations({{row.id}})->at(0), row);
}

TEST_P(StoreTest, AnswersWhatDispatchAsks) {
    const AgentKey alice{kSite, *AgentId::parse("alice")};
    const AgentKey bob{kSite, *AgentId::parse("bob")};
    auto old = waiting();
    auto young = waiting();
    young.waitingSinceMs = old.waitingSinceMs + 1;
    auto urgent = waiting();
    urgent.waitingSinceMs = old.waitingSinceMs + 2;
    urgent.priority = 9;
    urgent.offer = Offer{alice.agent, 1764000000009};
    urgent.declined = {bob.agent, alice.agent};
    urgent.nextRoundMs = 1764000000010;
    auto held = waiting();
    held.state = ConversationState::assigned;
    held.agent = alice.agent;
    held.assignedAtMs = 7;
    held.joined = {bob.agent};
    held.visitorEmail = "zoë@example.com";
    held.spokenAtMs = 100;
    writeWell({.opened = {old, young, urgent, held}, .changed = {}, .events = {}});

    const auto desk = store_->makeDispatchReader();
    const auto general = *DepartmentId::parse("general");
    EXPECT_THAT(*desk->queue(kSite, general, 9), ElementsAre(urgent.id, old.id, young.id));
    EXPECT_THAT(*desk->queue(kSite, general, 1), ElementsAre(urgent.id));
    EXPECT_THAT(*desk->unoffered(kSite, general, 9), ElementsAre(old, young));
    EXPECT_THAT(*desk->unoffered(kSite, general, 1), ElementsAre(old));
    EXPECT_THAT(*desk->offered(kSite), ElementsAre(urgent));
    EXPECT_THAT(*desk->heldBy(alice), ElementsAre(held));
    EXPECT_THAT(*desk->heldBy(bob), IsEmpty());
    EXPECT_THAT(*desk->silent(kSite, general, 100, 9), ElementsAre(held));
    EXPECT_THAT(*desk->silent(kSite, general, 99, 9), IsEmpty());
    EXPECT_EQ(*desk->lastServed(kSite, "zoë@example.com"), alice.agent);
    EXPECT_FALSE(*desk->lastServed(kSite, "else@example.com"));
    const std::vector both{alice, bob};
    EXPECT_EQ(*desk->loads(both), (Loads{{alice, 2}, {bob, 0}}));
    EXPECT_EQ(look({{}, {}, both}).loads, (Loads{{alice, 2}, {bob, 0}}));

    urgent.offer.reset();
    urgent.declined.clear();
    held.joined.clear();
    held.state = ConversationState::closed;
    writeWell({.opened = {}, .changed = {urgent, held}, .events = {}});
    EXPECT_EQ(look({{urgent.id}, {}, {}}).conversations.at(urgent.id), urgent);
    EXPECT_EQ(look({{held.id}, {}, {}}).conversations.at(held.id), held);
    EXPECT_EQ(*desk->loads(both), (Loads{{alice, 0}, {bob, 0}}));
}

TEST_P(StoreTest, ManyRowsAtOnceAndInPages) {
    constexpr std::size_t kRows = 600;  // more than fits into one statement
    Rows changes;
    Scope scope;
    for (std::size_t i = 0; i < kRows; ++i) {
        auto row = waiting(i % 3 == 0 ? "sales" : "general");
        row.shared.seq = 1;
        row.staff.seq = i % 2;
        if (i % 5 == 0) {
            row.state = ConversationState::closed;
            row.closedAtMs = 1000 + static_cast<std::int64_t>(i / 10);
        }
        const auto request = RequestId::generate();
        changes.events.push_back(
            event(row, 1, request, v1::STREAM_SHARED, "shared" + row.id.str()));
        if (row.staff.seq == 1) {
            changes.events.push_back(
                event(row, 1, RequestId::generate(), v1::STREAM_STAFF, "staff" + row.id.str()));
        }
        scope.conversations.push_back(row.id);
        scope.drafts.push_back({row.id, request});
        changes.opened.push_back(std::move(row));
    }
    writeWell(changes);
    const auto seen = look(scope);
    EXPECT_THAT(seen.conversations, SizeIs(kRows));
    EXPECT_THAT(seen.known, SizeIs(kRows));

    std::set<ConversationId> open;
    ConversationId after;
    for (;;) {
        const auto rows = reader_->open(after, 32);
        ASSERT_TRUE(rows) << rows.error().text;
        if (rows->empty()) break;
        const auto heads = reader_->heads(*rows);
        ASSERT_TRUE(heads) << heads.error().text;
        std::size_t expected = 0;
        for (const auto& row : *rows) {
            EXPECT_GT(row.id, after);
            after = row.id;
            open.insert(row.id);
            expected += 1 + row.staff.seq;
        }
        EXPECT_THAT(*heads, SizeIs(expected));
        for (const auto& head : *heads) {
            const auto* kind = head.stream == v1::STREAM_STAFF ? "staff" : "shared";
            EXPECT_EQ(head.bytes, kind + head.conversation.str());
        }
    }
    EXPECT_THAT(open, SizeIs(kRows * 4 / 5));

    std::set<ConversationId> closed;
    std::int64_t since = 1000;  // those closed at 1000 with any id
    after = ConversationId();
    for (;;) {
        const auto rows = reader_->closedSince(since, after, 7);
        ASSERT_TRUE(rows) << rows.error().text;
        if (rows->empty()) break;
        for (const auto& row : *rows) EXPECT_TRUE(closed.insert(row.id).second);
        since = rows->back().closedAtMs;
        after = rows->back().id;
    }
    EXPECT_THAT(closed, SizeIs(kRows / 5));

    const auto queues = reader_->queues();
    ASSERT_TRUE(queues) << queues.error().text;
    std::size_t inAll = 0;
    for (const auto& queue : *queues) inAll += queue.waiting;
    EXPECT_THAT(*queues, SizeIs(2));
    EXPECT_EQ(inAll, kRows * 4 / 5);
}

// As most batches: heads move on, and nothing else of the conversations changes.
TEST_P(StoreTest, ManyConversationsAdvance) {
    constexpr std::size_t kRows = 300;  // more than fits into one statement
    Rows changes;
    Scope scope;
    for (std::size_t i = 0; i < kRows; ++i) {
        auto row = waiting();
        row.offer = Offer{*AgentId::parse("alice"), 7};
        row.visitorEmail = "zoe@example.com";
        scope.conversations.push_back(row.id);
        changes.opened.push_back(std::move(row));
    }
    writeWell(changes);
    changes.advanced = std::exchange(changes.opened, {});
    for (std::size_t i = 0; i < kRows; ++i) {
        auto& row = changes.advanced[i];
        row.shared = {i + 1, std::string(32, static_cast<char>(i))};
        row.previewSeq = i + 1;
        row.preview = std::to_string(i) + " 李雷 ?";
        row.spokenAtMs = 1764000000003 + static_cast<std::int64_t>(i);
        changes.events.push_back(
            event(row, i + 1, RequestId::generate(), v1::STREAM_SHARED, messageBytes(row.preview)));
    }
    writeWell(changes);
    const auto seen = look(scope);
    ASSERT_THAT(seen.conversations, SizeIs(kRows));
    for (const auto& row : changes.advanced) EXPECT_EQ(seen.conversations.at(row.id), row);
    scope.conversations.pop_back();  // not what a statement has room for
    EXPECT_THAT(*reader_->conversations(scope.conversations), SizeIs(kRows - 1));
    EXPECT_THAT(*reader_->standings(scope.conversations), SizeIs(kRows - 1));
}

// A writer keeps what it wrote; others write too.
TEST_P(StoreTest, AWriterSeesWhatOthersWrote) {
    auto row = waiting();
    row.shared.seq = 1;
    row.state = ConversationState::closed;
    row.closedAtMs = 5;
    writeWell({.opened = {row}, .changed = {}, .events = {event(row, 1, RequestId::generate())}});
    EXPECT_EQ(look({{row.id}, {}}).conversations.at(row.id), row);

    auto same = row;
    same.shared = {2, std::string(32, 'o')};
    const Changes changes{.opened = {}, .changed = {}, .advanced = {&same}, .events = {}};
    Snapshot snapshot;
    const auto other = store_->makeWriter();
    ASSERT_TRUE(
        other->record({{row.id}, {}}, snapshot, [&]() -> const Changes& { return changes; }));
    EXPECT_EQ(look({{row.id}, {}}).conversations.at(row.id), same);

    ASSERT_TRUE(store_->makeEraser()->remove({kSite, row.id}, kNoTerms));
    EXPECT_THAT(look({{row.id}, {}}).conversations, IsEmpty());
}

// As after a restore: the same number of events, but other ones.
TEST_P(StoreTest, ARaisedEpochLeavesNothingKnown) {
    auto row = waiting();
    row.shared = {1, std::string(32, 'a')};
    writeWell({.opened = {row}, .changed = {}, .events = {event(row, 1, RequestId::generate())}});
    auto restored = row;
    restored.shared = {1, std::string(32, 'b')};
    const Changes changes{.opened = {}, .changed = {&restored}, .advanced = {}, .events = {}};
    Snapshot snapshot;
    const auto other = store_->makeWriter();
    ASSERT_TRUE(other->record({}, snapshot, [&]() -> const Changes& { return changes; }));
    ASSERT_TRUE(SqlStore(database_->url()).raiseEpoch());
    EXPECT_EQ(look({{row.id}, {}}).conversations.at(row.id), restored);
}

// It comes without an event, whatever of the three there was.
TEST_P(StoreTest, AWriterSeesWhatWasErased) {
    std::vector<Conversation> rows;
    for (std::size_t i = 0; i < 3; ++i) {
        rows.push_back(waiting());
        rows[i].state = ConversationState::closed;
        rows[i].closedAtMs = 5;
        rows[i].visitorName = i == 0 ? "Zoë" : "";
        rows[i].visitorEmail = i == 1 ? "zoe@example.com" : "";
        rows[i].previewSeq = i == 2 ? 1 : 0;
    }
    writeWell({.opened = rows,
               .changed = {},
               .events = {event(rows[2], 1, RequestId::generate(), v1::STREAM_SHARED,
                                messageBytes("my number is"))}});
    EXPECT_EQ(reader_->conversations({{rows[2].id}})->at(0).preview, "my number is");
    const auto keep = [](const std::string&) { return std::optional<std::string>(); };
    for (const auto& row : rows) {
        ASSERT_TRUE(store_->makeEraser()->erase(kSite, row.id, keep, kNoTerms,
                                                {kSite, "erin", "erase.visitor", row.id.str()}));
        const auto erased = look({{row.id}, {}}).conversations.at(row.id);
        EXPECT_EQ(erased.visitorName, "");
        EXPECT_EQ(erased.visitorEmail, "");
        EXPECT_EQ(erased.preview, "");
    }
}

TEST_P(StoreTest, ATransactionIsAllOrNothing) {
    auto row = waiting();
    const auto request = RequestId::generate();
    writeWell({.opened = {row}, .changed = {}, .events = {event(row, 1, request)}});
    auto other = waiting();
    // The same draft again, which the unique index refuses.
    const auto done =
        write({.opened = {other},
               .changed = {},
               .events = {event(other, 1, RequestId::generate()), event(row, 2, request)}});
    EXPECT_FALSE(done);
    EXPECT_THAT(look({{other.id}, {}}).conversations, IsEmpty());
    // And the writer goes on.
    writeWell(
        {.opened = {other}, .changed = {}, .events = {event(other, 1, RequestId::generate())}});
    EXPECT_THAT(look({{other.id}, {}}).conversations, SizeIs(1));
}

// What replicas do all day: each reads a conversation's head, and records the next event.
TEST_P(StoreTest, ConcurrentWritersMakeNeitherGapsNorDuplicates) {
    constexpr int kWriters = 3;
    constexpr int kRounds = 40;
    std::vector<Conversation> rows{waiting(), waiting(), waiting()};
    writeWell({.opened = rows, .changed = {}, .events = {}});
    const auto newcomer = waiting();  // which all of them want to open
    std::atomic<int> opened{0};
    std::vector<std::thread> threads;
    for (int w = 0; w < kWriters; ++w) {
        threads.emplace_back([&, w] {
            const auto writer = store_->makeWriter();
            for (int round = 0; round < kRounds; ++round) {
                Scope scope;
                for (std::size_t i = 0; i < rows.size(); ++i) {
                    scope.conversations.push_back(rows[(i + static_cast<std::size_t>(w)) % 3].id);
                }
                scope.conversations.push_back(newcomer.id);
                std::vector<RequestId> requests;
                for (std::size_t i = 0; i < 3; ++i) requests.push_back(RequestId::generate());
                Changes changes;
                std::vector<Conversation> advanced;
                Snapshot now;
                const auto done = writer->record(scope, now, [&]() -> const Changes& {
                    changes = {};
                    advanced.clear();
                    for (std::size_t i = 0; i < 3; ++i) {
                        Conversation row = now.conversations.at(scope.conversations[i]);
                        ++row.shared.seq;
                        changes.events.push_back(event(row, row.shared.seq, requests[i]));
                        advanced.push_back(std::move(row));
                    }
                    for (const auto& row : advanced) changes.advanced.push_back(&row);
                    if (!now.conversations.contains(newcomer.id))
                        changes.opened.push_back(&newcomer);
                    return changes;
                });
                const bool opens = !changes.opened.empty();
                ASSERT_TRUE(done) << done.error().text;
                if (opens) ++opened;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(opened.load(), 1);
    for (const auto& row : rows) {
        const auto page = reader_->history({kSite, row.id, v1::STREAM_SHARED, 0, 1000});
        ASSERT_TRUE(page);
        EXPECT_EQ(page->headSeq, kWriters * kRounds);
        EXPECT_THAT(page->events, SizeIs(kWriters * kRounds));
    }
}

TEST_P(StoreTest, MigratesOnceHoweverManyAsk) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            SqlStore store(database_->url());
            const auto done = store.migrate();
            EXPECT_TRUE(done) << done.error().text;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(*reader_->epoch(), 1U);
}

TEST_P(StoreTest, ANewerSchemaIsRefused) {
    const auto url = database_->url();
    SqlDatabase database(url);
    SqlSession session(database, SessionUse::write);
    session.begin();
    session.runText("UPDATE meta SET value = 1000 WHERE name = 'schema'");
    session.commit();
    const auto done = SqlStore(url).migrate();
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().text, testing::HasSubstr("newer parlor-ledger"));
}

// The servers do so by a setting of theirs.
TEST(SqliteStatement, EndsWhenItTakesTooLong) {
    const auto database = Database::start(Dialect::sqlite);
    ASSERT_TRUE(SqlStore(database->url()).migrate());
    SqlDatabase impatient(database->url(), std::chrono::milliseconds(100));
    const auto count = [](SqlConnection& connection, const std::string& most) {
        return connection.attempt([&](SqlSession& session) {
            session.runText("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n" +
                            most + ") SELECT COUNT(*) FROM n");
            return true;
        });
    };
    const auto begun = std::chrono::steady_clock::now();
    SqlConnection reader(impatient, SessionUse::read);
    const auto done = count(reader, "");
    EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(100));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().error.code, Errc::unavailable);
    EXPECT_EQ(done.error().error.text, "database: a statement took too long");
    EXPECT_TRUE(count(reader, " LIMIT 10")) << "the session goes on";
    // What writes takes as long as it takes.
    for (const auto use : {SessionUse::write, SessionUse::follow, SessionUse::migrate}) {
        const auto longer = std::chrono::steady_clock::now();
        SqlConnection writer(impatient, use);
        EXPECT_TRUE(count(writer, " LIMIT 5000000"));
        EXPECT_GE(std::chrono::steady_clock::now() - longer, std::chrono::milliseconds(100));
    }
}

class PostgresqlStoreTest : public StoreTest {};

TEST_P(PostgresqlStoreTest, AReadOnlyDatabaseIsUnavailable) {
    const auto row = waiting();
    const auto url = database_->url();
    SqlDatabase database(url);
    SqlSession administrator(database, SessionUse::write);
    const std::string endOthers =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND usename = 'parlor'";
    administrator.runText("ALTER DATABASE postgres SET default_transaction_read_only = on");
    administrator.runText(endOthers);
    const Rows changes{.opened = {row}, .changed = {}, .events = {}};
    EXPECT_EQ(write(changes).error().code, Errc::unavailable);  // its session was ended
    EXPECT_EQ(write(changes).error().code, Errc::unavailable);  // the new one may only read
    administrator.runText("ALTER DATABASE postgres SET default_transaction_read_only = off");
    EXPECT_TRUE(eventually([&] { return write(changes).has_value(); }));
    EXPECT_EQ(look({{row.id}, {}}).conversations.at(row.id), row);
}

class ServerStoreTest : public StoreTest {};

TEST_P(ServerStoreTest, ComesBackWithTheDatabase) {
    const auto row = waiting();
    writeWell({.opened = {row}, .changed = {}, .events = {}});
    database_->kill();
    const auto lost = waiting();
    const auto done = write({.opened = {lost}, .changed = {}, .events = {}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::unavailable);
    EXPECT_EQ(reader_->epoch().error().code, Errc::unavailable);
    EXPECT_EQ(store_->migrate().error().code, Errc::unavailable);

    database_->restart();
    EXPECT_EQ(look({{row.id}, {}}).conversations.at(row.id), row);
    writeWell({.opened = {lost}, .changed = {}, .events = {}});
    EXPECT_EQ(*reader_->epoch(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Databases, StoreTest, everyDatabase(), databaseName);
INSTANTIATE_TEST_SUITE_P(Databases, ServerStoreTest, everyServer(), databaseName);
INSTANTIATE_TEST_SUITE_P(Databases, PostgresqlStoreTest, testing::Values(Dialect::postgresql),
                         databaseName);

}  // namespace
}  // namespace parlor::ledger::test
