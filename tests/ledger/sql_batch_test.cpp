// What a transaction writes goes to a server past Poco.

#include "ledger/store/sql_batch.h"

#include <Poco/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "ledger/store/sql_failure.h"
#include "ledger/store/sql_rows.h"
#include "tests/ledger/store_suite.h"

namespace parlor::ledger::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Rows of search_documents, numbered.
struct Documents {
    explicit Documents(const Numbers& numbers) : document(numbers), seq(numbers) {
        conversation.assign(numbers.size(), ConversationId().str());
        stream.assign(numbers.size(), 1);
    }
    auto all() { return std::tie(document, conversation, stream, seq); }

    Numbers document;
    Texts conversation;
    Numbers stream, seq;
};

class SqlBatchTest : public StoreSuite {
 protected:
    void SetUp() override {
        StoreSuite::SetUp();
        sqlDatabase_.emplace(database_->url());
        session_.emplace(*sqlDatabase_, SessionUse::write);
    }
    void insert(const Numbers& numbers) {
        Documents documents(numbers);
        session_->runRows("insert_documents", documents.all(), std::tuple<>());
    }
    // As another session sees them.
    Numbers documents() {
        Texts conversation{ConversationId().str()};
        Numbers document, stream, seq;
        SqlSession(*sqlDatabase_, SessionUse::read)
            .runRows("select_documents_of", std::tie(conversation),
                     std::tie(document, stream, seq));
        std::sort(document.begin(), document.end());
        return document;
    }
    template <class Work>
    std::optional<SqlFailure> failureOf(Work&& work) {
        try {
            work();
        } catch (const Poco::Exception& exception) {
            return describe(exception, GetParam());
        }
        return std::nullopt;
    }

    std::optional<SqlDatabase> sqlDatabase_;
    std::optional<SqlSession> session_;
};

TEST_P(SqlBatchTest, IsOneTransaction) {
    Documents some({1, 2, 3});
    Documents others({4});
    Texts site{"shop"}, agent{"alice"}, conversation{ConversationId().str()};
    for (const bool commits : {false, true}) {
        session_->begin();
        SqlBatch batch(*session_);
        batch.add("insert_documents", some.all());
        batch.add("insert_participants", std::tie(site, agent, conversation));
        batch.add("insert_documents", others.all());
        batch.run();
        EXPECT_THAT(documents(), IsEmpty());
        if (commits) {
            session_->commit();
        } else {
            EXPECT_TRUE(session_->rollback());
        }
    }
    EXPECT_THAT(documents(), ElementsAre(1, 2, 3, 4));
}

TEST_P(SqlBatchTest, AfterATransactionEachStatementIsOneOfItsOwn) {
    session_->begin();
    insert({1});
    session_->commit();
    insert({2});
    EXPECT_THAT(documents(), ElementsAre(1, 2));
    session_->begin();
    insert({3});
    EXPECT_TRUE(session_->rollback());
    insert({4});
    EXPECT_THAT(documents(), ElementsAre(1, 2, 4));
}

TEST_P(SqlBatchTest, ATransactionMayComeToNothing) {
    session_->begin();
    session_->commit();
    session_->begin();
    EXPECT_TRUE(session_->rollback());
    insert({1});
    EXPECT_THAT(documents(), ElementsAre(1));
}

TEST_P(SqlBatchTest, NoBytesAreNull) {
    const auto insertPart = [&](const std::string& data) {
        session_->runOnce("insert_job_part",
                          std::tuple(Ulid::generate().str(), Poco::Int64{0}, toBlob(data)),
                          std::tuple<>());
    };
    EXPECT_FALSE(failureOf([&] { insertPart("x"); }));
    EXPECT_TRUE(failureOf([&] { insertPart(""); })) << "the column takes none";
}

INSTANTIATE_TEST_SUITE_P(Databases, SqlBatchTest, everyDatabase(), databaseName);

class ServerBatchTest : public SqlBatchTest {
 protected:
    // Rows of digests, which are updated where they are there already.
    std::size_t saveDigests(Poco::Int64 number, std::size_t rows) {
        Texts site(rows, "shop"), text(rows, "x"), conversation;
        Numbers numbers(rows, number);
        for (std::size_t i = 0; i < rows; ++i) conversation.push_back(std::to_string(i));
        SqlBatch batch(*session_);
        const auto all =
            batch.add("save_digests",
                      std::tie(site, conversation, text, text, numbers, numbers, numbers, numbers,
                               numbers, numbers, numbers, numbers, numbers, numbers, numbers));
        batch.run();
        return batch.affected(all);
    }
};

TEST_P(ServerBatchTest, CountsRowsOfEachStatement) {
    Numbers numbers(300);
    std::iota(numbers.begin(), numbers.end(), 1);
    Documents many(numbers);
    Documents one({1000});
    Numbers value{1};
    Texts unknown{"unknown"};
    SqlBatch batch(*session_);
    EXPECT_EQ(batch.add("insert_documents", many.all()), 0U);
    EXPECT_EQ(batch.add("update_meta", std::tie(value, unknown)), 1U);
    EXPECT_EQ(batch.add("insert_documents", one.all()), 2U);
    batch.run();
    EXPECT_EQ(batch.affected(0), numbers.size());
    EXPECT_EQ(batch.affected(1), 0U);
    EXPECT_EQ(batch.affected(2), 1U);
    EXPECT_THAT(documents(), SizeIs(301));
}

TEST_P(ServerBatchTest, CountsARowThatIsUpdatedInsteadAsTheServerDoes) {
    const auto changed = GetParam() == Dialect::mysql ? 2U : 1U;
    EXPECT_EQ(saveDigests(1, 3), 3U);
    EXPECT_EQ(saveDigests(2, 4), 3 * changed + 1);
}

TEST_P(ServerBatchTest, RunsNothingAfterWhatFails) {
    insert({1});
    Documents before({2});
    Documents there({1});
    Documents after({3});
    session_->begin();
    SqlBatch batch(*session_);
    batch.add("insert_documents", before.all());
    batch.add("insert_documents", there.all());
    batch.add("insert_documents", after.all());
    const auto failure = failureOf([&] { batch.run(); });
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind, SqlFailure::Kind::conflict) << failure->error.text;
    EXPECT_TRUE(session_->rollback());
    EXPECT_THAT(documents(), ElementsAre(1));
    session_->begin();
    insert({2});
    insert({3});
    session_->commit();
    EXPECT_THAT(documents(), ElementsAre(1, 2, 3));
}

// Without a transaction MariaDB has each statement of the batch in one of its own.
TEST_P(ServerBatchTest, RunsNothingAfterWhatFailsWithoutATransactionEither) {
    insert({1});
    Documents there({1});
    Documents after({2});
    SqlBatch batch(*session_);
    batch.add("insert_documents", there.all());
    batch.add("insert_documents", after.all());
    EXPECT_TRUE(failureOf([&] { batch.run(); }));
    EXPECT_THAT(documents(), ElementsAre(1));
}

TEST_P(ServerBatchTest, TellsFailuresApart) {
    using Kind = SqlFailure::Kind;
    const auto kindOf = [&](auto&& work) {
        const auto failure = failureOf(work);
        EXPECT_TRUE(failure);
        EXPECT_TRUE(session_->rollback());
        return failure ? failure->kind : Kind{};
    };
    insert({1});
    EXPECT_EQ(kindOf([&] { insert({1}); }), Kind::conflict);
    EXPECT_EQ(kindOf([&] {
                  session_->runOnce("insert_meta", std::tuple(std::string(33, 'x'), Poco::Int64{1}),
                                    std::tuple<>());
              }),
              Kind::refused);
    if (GetParam() == Dialect::mysql) {  // PostgreSQL's numbers are as large as ours
        Documents large({2});
        large.stream.front() = Poco::Int64{1} << 40;
        EXPECT_EQ(
            kindOf([&] { session_->runRows("insert_documents", large.all(), std::tuple<>()); }),
            Kind::refused);
    }
    session_->runText("DROP TABLE search_documents");
    EXPECT_EQ(kindOf([&] { insert({2}); }), Kind::unavailable);
    EXPECT_EQ(kindOf([&] { session_->runText("SELECT nothing"); }), Kind::unavailable);
}

TEST_P(ServerBatchTest, ALostConnectionIsUnavailable) {
    insert({1});
    database_->kill();
    const auto failure = failureOf([&] { insert({2}); });
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind, SqlFailure::Kind::unavailable) << failure->error.text;
    session_.reset();
}

// Its statements too, which have a last word with the server.
TEST_P(ServerBatchTest, ASessionGoesWhereTheServerStandsStill) {
    insert({1});
    database_->freeze();
    const auto begun = SocketWatch::Clock::now();
    sqlDatabase_->watch.endAt(begun + std::chrono::seconds(1));
    EXPECT_TRUE(failureOf([&] { insert({2}); }));
    EXPECT_TRUE(session_->isCut());
    session_.reset();
    EXPECT_LT(SocketWatch::Clock::now() - begun, std::chrono::seconds(10));
}

INSTANTIATE_TEST_SUITE_P(Servers, ServerBatchTest, everyServer(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
