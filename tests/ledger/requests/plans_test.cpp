// Lists stay a walk along an index, however many conversations there are.

#include <Poco/Data/RecordSet.h>
#include <gmock/gmock.h>

#include "ledger/store/sql_catalog.h"
#include "tests/ledger/store_suite.h"

namespace parlor::ledger::test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

const SiteId kShop = *SiteId::parse("shop");
constexpr int kConversations = 4000;
constexpr int kForEachOfAlices = 20;  // the others are Bob's

class PlansTest : public StoreSuite {
 protected:
    void SetUp() override {
        ASSERT_NO_FATAL_FAILURE(StoreSuite::SetUp());
        std::vector<Conversation> rows;
        Changes changes;
        for (int i = 0; i < kConversations; ++i) {
            rows.push_back({.id = ConversationId::generate(),
                            .site = kShop,
                            .department = *DepartmentId::parse("general"),
                            .state = ConversationState::closed,
                            .previewSeq = 1,
                            .openedAtMs = i,
                            .closedAtMs = i + 1});
            const auto agent = *AgentId::parse(i % kForEachOfAlices == 0 ? "alice" : "bob");
            changes.participants.push_back({kShop, agent, rows.back().id});
            changes.events.push_back({.key = {rows.back().id, RequestId::generate()},
                                      .place = {v1::STREAM_SHARED, 1},
                                      .bytes = "bytes",
                                      .hash = "hash"});
        }
        for (const auto& row : rows) changes.opened.push_back(&row);
        Snapshot snapshot;
        const auto done =
            store_->makeWriter()->record({}, snapshot, [&]() -> const Changes& { return changes; });
        ASSERT_TRUE(done) << done.error().text;
        // SQLite's is never analyzed.
        if (GetParam() == Dialect::postgresql) ask("ANALYZE");
        if (GetParam() == Dialect::mysql) {
            ask("ANALYZE TABLE participants, conversations, heads, events");
        }
    }

    // As an administrator would, beside the store.
    Poco::Data::Session connect() {
        const auto url = database_->url();
        const auto port = std::to_string(url.port);
        switch (GetParam()) {
            case Dialect::sqlite:
                return {"SQLite", url.path};
            case Dialect::postgresql:
                return {"PostgreSQL", "host=" + url.host + " port=" + port + " user=" + url.user +
                                          " password=" + quoted(url.password) +
                                          " dbname=" + url.path};
            case Dialect::mysql:
                return {"MySQL", "host=" + url.host + ";port=" + port + ";user=" + url.user +
                                     ";password=" + url.password + ";db=" + url.path};
        }
        throw std::logic_error("no such dialect");
    }
    // As libpq wants it.
    static std::string quoted(const std::string& value) {
        std::string text = "'";
        for (const char c : value) {
            if (c == '\\' || c == '\'') text += '\\';
            text += c;
        }
        return text + "'";
    }
    std::string ask(const std::string& sql) {
        auto session = connect();
        return askOn(session, sql);
    }
    static std::string askOn(Poco::Data::Session& session, const std::string& sql) {
        Poco::Data::Statement statement(session);
        statement << sql;
        statement.execute();
        Poco::Data::RecordSet found(statement);
        std::string lines;
        for (bool more = found.moveFirst(); more; more = found.moveNext()) {
            for (std::size_t i = 0; i < found.columnCount(); ++i) {
                const auto value = found.value(i);
                if (!value.isEmpty()) lines += value.toString() + " ";
            }
            lines += "\n";
        }
        return lines;
    }
    std::string planOf(std::string_view statement, const std::vector<std::string>& values) {
        std::string sql = SqlCatalog(GetParam()).statement(statement);
        for (std::size_t i = values.size(); i > 0; --i) {
            const auto mark = GetParam() == Dialect::postgresql ? "$" + std::to_string(i) : "?";
            sql.replace(sql.rfind(mark), mark.size(), values[i - 1]);
        }
        auto session = connect();
        if (GetParam() == Dialect::sqlite) return askOn(session, "EXPLAIN QUERY PLAN " + sql);
        for (const auto& setting : SqlCatalog(GetParam()).script("session_read")) {
            askOn(session, setting);
        }
        return askOn(session, "EXPLAIN " + sql);
    }
};

TEST_P(PlansTest, AnAgentsListIsReadAlongItsIndexWithoutSorting) {
    for (const auto* agent : {"'alice'", "'bob'"}) {
        const auto plan = planOf("list_by_agent", {"'shop'", agent, "'0'", "'8'", "0", "9000", "''",
                                                   "''", "-1", "-1", "50"});
        SCOPED_TRACE(plan);
        switch (GetParam()) {
            case Dialect::sqlite:
                EXPECT_THAT(plan, AllOf(HasSubstr("SEARCH participants USING PRIMARY KEY"),
                                        HasSubstr("SEARCH conversations USING PRIMARY KEY"),
                                        Not(HasSubstr("TEMP B-TREE")), Not(HasSubstr("SCAN"))));
                break;
            case Dialect::postgresql:
                EXPECT_THAT(plan, AllOf(HasSubstr("Backward using participants_pkey"),
                                        HasSubstr("using conversations_pkey"),
                                        Not(HasSubstr("Sort")), Not(HasSubstr("Seq Scan"))));
                break;
            case Dialect::mysql:
                EXPECT_THAT(plan, AllOf(HasSubstr("participants range "),
                                        HasSubstr("conversations eq_ref "),
                                        Not(HasSubstr("filesort")), Not(HasSubstr("temporary"))));
                break;
        }
    }
}

// Of a site that has closed thousands of conversations.
TEST_P(PlansTest, WhatDispatchAsksReadsWhatIsOpenOnly) {
    const std::vector<std::pair<std::string_view, std::vector<std::string>>> statements{
        {"select_queue", {"'shop'", "'general'", "9"}},
        {"select_unoffered", {"'shop'", "'general'", "9"}},
        {"select_offered", {"'shop'"}},
        {"select_held", {"'shop'", "'alice'"}},
        {"select_silent", {"'shop'", "'general'", "5", "9"}},
        {"select_queues", {}}};
    for (const auto& [statement, values] : statements) {
        const auto plan = planOf(statement, values);
        SCOPED_TRACE(std::string(statement) + "\n" + plan);
        if (GetParam() == Dialect::mysql) {
            // The index that is used has its length behind it.
            EXPECT_THAT(plan,
                        Not(AnyOf(HasSubstr(" ALL "), ContainsRegex("conversations_site [0-9]"))));
        } else {
            EXPECT_THAT(plan, ContainsRegex("conversations_(waiting|offered|held|open)"));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Databases, PlansTest, everyDatabase(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
