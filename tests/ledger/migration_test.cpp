// MariaDB commits every change of the schema by itself: a ledger that dies in the middle of a
// migration leaves half of it behind, and the next one must be able to go on.

#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/store/sql_session.h"
#include "ledger/store/sql_store.h"
#include "tests/ledger/store_suite.h"

namespace parlor::ledger::test {
namespace {

using Lines = std::vector<std::string>;

class MigrationTest : public testing::Test {
 protected:
    // As an administrator would look at it, beside the store.
    Lines ask(const std::string& sql) {
        const auto url = database_->url();
        Poco::Data::Session session(
            "MySQL", "host=" + url.host + ";port=" + std::to_string(url.port) +
                         ";user=" + url.user + ";password=" + url.password + ";db=" + url.path);
        Lines lines;
        session << sql, Poco::Data::Keywords::into(lines), Poco::Data::Keywords::now;
        return lines;
    }
    Lines schema() {
        auto lines =
            ask("SELECT CONCAT_WS(' ', table_name, ordinal_position, column_name, column_type,"
                " is_nullable, column_default, collation_name, column_key, extra)"
                " FROM information_schema.columns WHERE table_schema = DATABASE()"
                " ORDER BY table_name, ordinal_position");
        for (auto& line :
             ask("SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name,"
                 " collation, non_unique) FROM information_schema.statistics"
                 " WHERE table_schema = DATABASE()"
                 " ORDER BY table_name, index_name, seq_in_index")) {
            lines.push_back(std::move(line));
        }
        for (auto& line : ask("SELECT CONCAT(name, ' ', value) FROM meta ORDER BY name")) {
            lines.push_back(std::move(line));
        }
        return lines;
    }
    void dropEverything() {
        SqlSession session(sqlDatabase_, SessionUse::write);
        for (const auto& each : ask("SELECT CONCAT(IF(table_type = 'VIEW', 'VIEW ', 'TABLE '),"
                                    " table_name) FROM information_schema.tables"
                                    " WHERE table_schema = DATABASE()")) {
            session.runText("DROP " + each);
        }
    }
    // What a ledger leaves that dies after so many statements of one migration.
    void dieAfter(const std::vector<Migration>& migrations, std::size_t last,
                  std::size_t statements) {
        SqlSession session(sqlDatabase_, SessionUse::write);
        session.runScript("lock_migrations");
        session.begin();
        session.runScript("create_meta");
        for (std::size_t m = 0; m < last; ++m) {
            for (const auto& each : migrations[m].statements) session.runText(each);
        }
        if (last > 0) {
            session.runText("INSERT INTO meta (name, value) VALUES ('schema', " +
                            std::to_string(migrations[last - 1].number) + ")");
            session.commit();
            session.begin();
        }
        for (std::size_t s = 0; s < statements; ++s) {
            session.runText(migrations[last].statements[s]);
        }
    }

    const std::unique_ptr<Database> database_ = Database::start(Dialect::mysql);
    SqlDatabase sqlDatabase_{database_->url()};
};

TEST_F(MigrationTest, GoesOnWhereverItWasInterrupted) {
    SqlStore store(database_->url());
    ASSERT_TRUE(store.migrate());
    const auto whole = schema();
    ASSERT_GT(whole.size(), 50U);
    const auto migrations = sqlDatabase_.catalog.migrations();
    for (std::size_t m = 0; m < migrations.size(); ++m) {
        for (std::size_t s = 1; s <= migrations[m].statements.size(); ++s) {
            SCOPED_TRACE(migrations[m].name + " after statement " + std::to_string(s));
            dropEverything();
            dieAfter(migrations, m, s);
            const auto done = store.migrate();
            ASSERT_TRUE(done) << done.error().text;
            ASSERT_EQ(schema(), whole);
        }
    }
}

// A database of an older version, with what was there then.
class UpgradeTest : public testing::TestWithParam<Dialect> {
 protected:
    void migrateTo(int version) {
        SqlSession session(sqlDatabase_, SessionUse::migrate);
        session.begin();
        session.runScript("create_meta");
        for (const auto& migration : sqlDatabase_.catalog.migrations()) {
            if (migration.number > version) break;
            for (const auto& each : migration.statements) session.runText(each);
        }
        session.runText("INSERT INTO meta (name, value) VALUES ('schema', " +
                        std::to_string(version) + ")");
        session.commit();
    }
    // Held last by `agent`, with who has joined it.
    ConversationId add(const std::string& agent, const std::string& joined) {
        const auto id = ConversationId::generate();
        SqlSession session(sqlDatabase_, SessionUse::write);
        session.runText(
            "INSERT INTO conversations (id, site, department, state, agent, fence, priority,"
            " shared_seq, staff_seq, assigned_seq, visitor_name, preview, opened_at,"
            " waiting_since, assigned_at, closed_at, joined) VALUES ('" +
            id.str() + "', 'shop', 'general', 0, '" + agent + "', 0, 0, 1, 0, 0, '', '', 1, 1, 1," +
            " 0, '" + joined + "')");
        return id;
    }

    const std::unique_ptr<Database> database_ = Database::start(GetParam());
    SqlDatabase sqlDatabase_{database_->url()};
};

TEST_P(UpgradeTest, ListsParticipantsForTheirHoldersAndWhoJoined) {
    migrateTo(6);
    const auto held = add("alice", "");
    const auto shared = add("bob", "alice carol_1 bob.b");
    add("", "");
    SqlStore store(database_->url());
    const auto done = store.migrate();
    ASSERT_TRUE(done) << done.error().text;
    const auto archive = store.makeArchive();
    const auto listFor = [&](const std::string& agent) {
        std::vector<ConversationId> ids;
        const auto rows = archive->list(
            {.site = *SiteId::parse("shop"), .agent = AgentId::parse(agent).value(), .limit = 10});
        EXPECT_TRUE(rows);
        for (const auto& row : *rows) ids.push_back(row.id);
        return ids;
    };
    using testing::ElementsAre;
    EXPECT_THAT(listFor("alice"), testing::UnorderedElementsAre(held, shared));
    for (const auto* agent : {"bob", "carol_1", "bob.b"}) {
        EXPECT_THAT(listFor(agent), ElementsAre(shared)) << agent;
    }
    EXPECT_THAT(listFor("carol"), testing::IsEmpty());
}

TEST_P(UpgradeTest, WhatWasReadIsIndexed) {
    migrateTo(7);
    const auto read = add("alice", "");
    const auto unread = add("bob", "");
    SqlSession(sqlDatabase_, SessionUse::write)
        .runText(
            "INSERT INTO digests (site, conversation, department, agent, opened_at, assigned_at,"
            " responded_at, closed_at, visitor_messages, agent_messages, score, shared_seq,"
            " staff_seq) VALUES ('shop', '" +
            read.str() + "', 'general', 'alice', 1, 1, 0, 0, 0, 0, 0, 1, 0)");
    SqlStore store(database_->url());
    const auto done = store.migrate();
    ASSERT_TRUE(done) << done.error().text;
    const auto behind = store.makeSearchIndex()->behind(ConversationId(), 10);
    ASSERT_TRUE(behind) << behind.error().text;
    EXPECT_THAT(behind->ids, testing::ElementsAre(unread));
}

TEST_P(UpgradeTest, HeadsAndPreviewsStay) {
    migrateTo(8);
    const auto id = add("alice", "");
    SqlSession(sqlDatabase_, SessionUse::write)
        .runText(
            "UPDATE conversations SET shared_seq = 3, staff_seq = 2, spoken_at = 7,"
            " preview = 'is there anybody?'");
    SqlStore store(database_->url());
    const auto done = store.migrate();
    ASSERT_TRUE(done) << done.error().text;
    const auto reader = store.makeReader();
    auto row = reader->conversations({{id}})->at(0);
    EXPECT_EQ(row.shared.seq, 3U);
    EXPECT_EQ(row.staff.seq, 2U);
    EXPECT_EQ(row.spokenAtMs, 7);
    EXPECT_EQ(row.preview, "is there anybody?");

    v1::Event event;
    event.mutable_message()->set_text("hello?");
    row.shared.seq = row.previewSeq = 4;
    const Changes changes{.opened = {},
                          .changed = {},
                          .advanced = {&row},
                          .events = {{.key = {id, RequestId::generate()},
                                      .place = {v1::STREAM_SHARED, 4},
                                      .recordedAtMs = 8,
                                      .bytes = event.SerializeAsString(),
                                      .hash = "h"}}};
    Snapshot snapshot;
    ASSERT_TRUE(store.makeWriter()->record({{id}, {}}, snapshot,
                                           [&]() -> const Changes& { return changes; }));
    EXPECT_EQ(reader->conversations({{id}})->at(0).preview, "hello?");
}

INSTANTIATE_TEST_SUITE_P(Databases, UpgradeTest, everyDatabase(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
