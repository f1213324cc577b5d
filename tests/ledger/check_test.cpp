// Each way in which tables can disagree, once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ledger/maintenance/maintenance.h"
#include "ledger/store/sql_check.h"
#include "ledger/store/sql_session.h"
#include "tests/ledger/replica.h"
#include "tests/ledger/store_suite.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class CheckTest : public StoreSuite {
 protected:
    void SetUp() override {
        ASSERT_NO_FATAL_FAILURE(StoreSuite::SetUp());
        bus::MemoryBroker broker;
        const Replica replica(database_->url(), broker, {});
        Sender gateway(broker);
        Sender alice(broker, kAlice);
        for (auto& conversation : conversations_) {
            const auto request = openRequest();
            ASSERT_TRUE(gateway.open(request).has_open());
            conversation = *ConversationId::parse(request.conversation());
            ASSERT_TRUE(gateway.post(conversation, message("hello")).has_recorded());
            ASSERT_TRUE(alice.post(conversation, accept()).has_recorded());
            ASSERT_TRUE(alice.post(conversation, note("hm")).has_recorded());
        }
        ASSERT_TRUE(alice.post(conversations_[0], close()).has_recorded());
        const auto index = store_->makeSearchIndex();
        ASSERT_TRUE(parlor::test::eventually([&] { return index->behind({}, 10)->ids.empty(); }));
    }

    void change(const std::string& statement) {
        SqlDatabase database(database_->url());
        SqlSession(database, SessionUse::write).runText(statement);
    }
    std::vector<Difference> check() {
        auto found = checkTables(database_->url());
        EXPECT_TRUE(found) << found.error().text;
        return found ? *found : std::vector<Difference>();
    }
    // After the first statement, and no more after the second.
    void expectDifference(const std::string& name, const std::string& breaks,
                          const std::string& mends) {
        SCOPED_TRACE(name);
        change(breaks);
        const auto found = check();
        EXPECT_THAT(found, SizeIs(1));
        if (!found.empty()) {
            EXPECT_EQ(found[0].check, name);
        }
        change(mends);
        EXPECT_THAT(check(), IsEmpty());
    }

    std::array<ConversationId, 2> conversations_;
};

TEST_P(CheckTest, EachDifferenceIsNamed) {
    EXPECT_THAT(check(), IsEmpty());
    const auto first = " WHERE id = '" + conversations_[0].str() + "'";
    const auto second = " WHERE id = '" + conversations_[1].str() + "'";
    expectDifference("heads", "UPDATE heads SET shared_seq = shared_seq + 1" + first,
                     "UPDATE heads SET shared_seq = shared_seq - 1" + first);
    expectDifference("heads", "UPDATE heads SET staff_seq = staff_seq + 1" + first,
                     "UPDATE heads SET staff_seq = staff_seq - 1" + first);
    expectDifference("states", "UPDATE conversations SET agent = ''" + second,
                     "UPDATE conversations SET agent = 'alice'" + second);
    expectDifference("states", "UPDATE conversations SET offered_to = 'alice'" + first,
                     "UPDATE conversations SET offered_to = ''" + first);
    const auto inList = "INSERT INTO participants VALUES ('shop', 'alice', '";
    expectDifference("participants", inList + std::string("X')"),
                     "DELETE FROM participants WHERE conversation = 'X'");
    expectDifference(
        "participants",
        "DELETE FROM participants WHERE conversation = '" + conversations_[1].str() + "'",
        inList + conversations_[1].str() + "')");
    expectDifference("documents", "INSERT INTO search_documents VALUES (1, 'X', 1, 1)",
                     "DELETE FROM search_documents WHERE document = 1");
    expectDifference("postings", "INSERT INTO search_terms VALUES ('shop', 'x', 1)",
                     "DELETE FROM search_terms WHERE document = 1");
    expectDifference("postings", "UPDATE search_terms SET site = 'other' WHERE term = 'hm'",
                     "UPDATE search_terms SET site = 'shop' WHERE term = 'hm'");
    const auto ofFirst = " WHERE conversation = '" + conversations_[0].str() + "'";
    expectDifference("digests", "UPDATE digests SET shared_seq = shared_seq + 100" + ofFirst,
                     "UPDATE digests SET shared_seq = shared_seq - 100" + ofFirst);
    expectDifference("job_parts", "INSERT INTO job_parts VALUES ('X', 0, 'x')",
                     "DELETE FROM job_parts WHERE job = 'X'");
    expectDifference("schema", "UPDATE meta SET value = value + 1 WHERE name = 'schema'",
                     "UPDATE meta SET value = value - 1 WHERE name = 'schema'");
}

TEST_P(CheckTest, EventsWithoutTheirConversationAreNamed) {
    change("DELETE FROM conversations WHERE id = '" + conversations_[0].str() + "'");
    std::map<std::string, std::string> found;
    for (const auto& each : check()) found[each.check] = each.text;
    EXPECT_THAT(found["events"], testing::HasSubstr(conversations_[0].str()));
    EXPECT_THAT(found["heads"], testing::HasSubstr(conversations_[0].str()));
    EXPECT_THAT(found, SizeIs(5)) << "the index, the figures and alice's list too";
}

TEST_P(CheckTest, TheRecordIsVerifiedToo) {
    const auto whole = checkDatabase(database_->url());
    ASSERT_TRUE(whole) << whole.error().text;
    EXPECT_TRUE(whole->isWhole()) << whole->str();
    change("UPDATE events SET event = 'x' WHERE seq = 2 AND stream = 1");
    const auto broken = checkDatabase(database_->url());
    ASSERT_TRUE(broken) << broken.error().text;
    EXPECT_THAT(broken->differences, IsEmpty());
    EXPECT_FALSE(broken->isWhole());
    change("UPDATE meta SET value = value + 1 WHERE name = 'schema'");
    EXPECT_FALSE(checkDatabase(database_->url())->record);
}

class CheckFileTest : public CheckTest {};

TEST_P(CheckFileTest, ADamagedFileIsNamed) {
    change("PRAGMA wal_checkpoint(TRUNCATE)");
    constexpr std::streamoff kPage = 4096;
    const auto size = std::filesystem::file_size(database_->url().path);
    std::fstream file(database_->url().path);
    file.seekp(static_cast<std::streamoff>(size) - kPage);
    file << std::string(kPage, 'x');
    file.close();
    const auto found = check();
    ASSERT_THAT(found, testing::Not(IsEmpty()));
    EXPECT_EQ(found[0].check, kFileCheck);
    const auto result = checkDatabase(database_->url());
    ASSERT_TRUE(result) << result.error().text;
    EXPECT_FALSE(result->isWhole());
}

INSTANTIATE_TEST_SUITE_P(Databases, CheckTest, everyDatabase(), databaseName);
INSTANTIATE_TEST_SUITE_P(Databases, CheckFileTest, testing::Values(Dialect::sqlite), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
