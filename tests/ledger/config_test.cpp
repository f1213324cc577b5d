// What a properties file may say, and the sentence that comes where it says something else.

#include "ledger/app/config.h"

#include <Poco/AutoPtr.h>
#include <Poco/Util/PropertyFileConfiguration.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "ledger/store/sql_catalog.h"
#include "ledger/store/sql_meta.h"
#include "tests/support/temp_dir.h"

namespace parlor::ledger::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Expected<Config> read(const std::string& text) {
    std::istringstream stream(text);
    const Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> properties(
        new Poco::Util::PropertyFileConfiguration(stream));
    return Config::read(*properties);
}

std::string problem(const std::string& text) {
    const auto config = read("database.url = sqlite:///tmp/x.db\n" + text);
    return config ? "accepted" : config.error().text;
}

TEST(ConfigTest, TheDatabaseAloneIsEnough) {
    const auto config = read("database.url = sqlite:///var/lib/parlor/ledger.db\n");
    ASSERT_TRUE(config) << config.error().text;
    EXPECT_EQ(config->database.dialect, Dialect::sqlite);
    EXPECT_EQ(config->database.path, "/var/lib/parlor/ledger.db");
    EXPECT_THAT(config->broker.servers, ElementsAre("tcp://127.0.0.1:1883"));
    EXPECT_EQ(config->health.host, "127.0.0.1");
    EXPECT_EQ(config->health.port, 9101);
    EXPECT_EQ(config->intake.pace.drafts, 512U);
    EXPECT_EQ(config->intake.writers, 2U);
    EXPECT_EQ(config->history.readers, 2U);
}

TEST(ConfigTest, TheDatabasesUrlMayBeInAFile) {
    const parlor::test::TempDir dir;
    const auto file = dir.write("url", "postgresql://u:geheim@db/parlor\nmore\n");
    const auto config = read("database.urlFile = " + file + "\n");
    ASSERT_TRUE(config) << config.error().text;
    EXPECT_EQ(config->database.password, "geheim");
    EXPECT_THAT(problem("database.urlFile = " + file), HasSubstr("not together"));
    EXPECT_THAT(read("database.urlFile = /nonexistent\n").error().text,
                HasSubstr("database.urlFile: cannot read the URL from /nonexistent"));
}

TEST(ConfigTest, EveryKeyIsRead) {
    const parlor::test::TempDir dir;
    const auto password = dir.write("password", "secret\n");
    const auto config = read(
        "database.url = sqlite:///x.db\nbroker.servers = ssl://a:8883, tcp://b:1883\n"
        "broker.username = ledger\nbroker.passwordFile = " +
        password + "\nbroker.caFile = " + password +
        "\nhealth.listen = 0.0.0.0:0\nintake.batch = 7\nintake.lingerMs = 2\nintake.queue = 3\n"
        "intake.writers = 6\n"
        "history.readers = 5\nretention.days = 30\ndispatch.republishS = 60\n");
    ASSERT_TRUE(config) << config.error().text;
    EXPECT_THAT(config->broker.servers, ElementsAre("ssl://a:8883", "tcp://b:1883"));
    EXPECT_EQ(config->broker.username, "ledger");
    EXPECT_EQ(config->broker.password, "secret");
    EXPECT_EQ(config->health.port, 0);
    EXPECT_EQ(config->herald.again, std::chrono::minutes(1));
    EXPECT_EQ(config->intake.pace.drafts, 7U);
    EXPECT_EQ(config->intake.pace.linger, std::chrono::milliseconds(2));
    EXPECT_EQ(config->intake.queue.submissions, 3U);
    EXPECT_EQ(config->intake.writers, 6U);
    EXPECT_EQ(config->history.readers, 5U);
    EXPECT_EQ(config->jobs.retentionDays, 30U);
}

TEST(ConfigTest, WhatIsWrongIsNamed) {
    EXPECT_THAT(read("").error().text, HasSubstr("database.url"));
    EXPECT_THAT(problem("broker.servers = mqtt://x"), HasSubstr("broker.servers"));
    EXPECT_THAT(problem("retention.days = 7"), HasSubstr("retention.days"));
    EXPECT_THAT(problem("broker.servers = ,"), HasSubstr("broker.servers"));
    EXPECT_THAT(problem("broker.passwordFile = /nonexistent"), HasSubstr("broker.passwordFile"));
    EXPECT_THAT(problem("broker.caFile = /nonexistent"), HasSubstr("broker.caFile"));
    for (const auto* listen : {"9101", ":9101", "host:", "host:70000", "host:x"}) {
        EXPECT_THAT(problem(std::string("health.listen = ") + listen), HasSubstr("health.listen"))
            << listen;
    }
    for (const auto* key :
         {"intake.batch", "intake.lingerMs", "intake.queue", "intake.writers", "history.readers"}) {
        for (const auto* value : {"x", "-1", "1.5", "99999999"}) {
            EXPECT_THAT(problem(std::string(key) + " = " + value), HasSubstr(key)) << value;
        }
    }
}

TEST(DatabaseUrlTest, ReadsServers) {
    const auto url = DatabaseUrl::parse("postgresql://parlor:p%40ss%2Fw%25rd@db.example/chat");
    ASSERT_TRUE(url) << url.error().text;
    EXPECT_EQ(url->dialect, Dialect::postgresql);
    EXPECT_EQ(url->host, "db.example");
    EXPECT_EQ(url->port, 5432);
    EXPECT_EQ(url->user, "parlor");
    EXPECT_EQ(url->password, "p@ss/w%rd");
    EXPECT_EQ(url->path, "chat");
    EXPECT_EQ(DatabaseUrl::parse("mysql://u:p@h/d")->port, 3306);
    EXPECT_EQ(DatabaseUrl::parse("mysql://u:p@h:3307/d")->port, 3307);
}

TEST(DatabaseUrlTest, IsWrittenAsItIsRead) {
    for (const std::string text :
         {"sqlite:///var/lib/parlor/ledger.db", "postgresql://us%40er:p%40s%2Fw%25%3Ar%27d@h:1/d",
          "mysql://u:p@h:3306/d"}) {
        EXPECT_EQ(DatabaseUrl::parse(text)->text(), text);
    }
}

TEST(DatabaseUrlTest, WhatIsWrongIsSaidWithoutThePassword) {
    for (const auto* text :
         {"", "x", "oracle://u:geheim@h/d", "sqlite://relative.db", "sqlite:///",
          "postgresql://u:geheim@h", "postgresql://u:geheim@/d", "postgresql://h/d",
          "postgresql://u:geheim@h/d/e", "mysql://u:geheim%20x@h/d", "mysql://u:geheim%3Bx@h/d"}) {
        const auto url = DatabaseUrl::parse(text);
        ASSERT_FALSE(url) << text;
        EXPECT_THAT(url.error().text, AllOf(HasSubstr("database.url"), Not(HasSubstr("geheim"))));
    }
    EXPECT_EQ(DatabaseUrl::parse("mysql://u:geheim@h/d")->display(), "mysql://u@h:3306/d");
}

TEST(SqlCatalogTest, ExpandsRowsAndCountsPlaceholders) {
    const SqlCatalog sqlite(Dialect::sqlite);
    const SqlCatalog postgresql(Dialect::postgresql);
    EXPECT_THAT(sqlite.statement("insert_meta"), HasSubstr("VALUES (?, ?)"));
    EXPECT_THAT(postgresql.statement("insert_meta"), HasSubstr("VALUES ($1, $2)"));
    EXPECT_THAT(postgresql.statement("select_known", 2), HasSubstr("VALUES ($1, $2), ($3, $4))"));
    EXPECT_THAT(sqlite.statement("select_known"), HasSubstr("request_id = ?"));
    EXPECT_THROW(sqlite.statement("no_such"), std::logic_error);
}

TEST(SqlCatalogTest, EveryDialectHasTheSameMigrations) {
    const auto expected = SqlCatalog(Dialect::sqlite).migrations();
    ASSERT_FALSE(expected.empty());
    for (const auto dialect : {Dialect::postgresql, Dialect::mysql}) {
        const auto migrations = SqlCatalog(dialect).migrations();
        ASSERT_EQ(migrations.size(), expected.size());
        for (std::size_t i = 0; i < migrations.size(); ++i) {
            EXPECT_EQ(migrations[i].name, expected[i].name);
            EXPECT_EQ(migrations[i].number, static_cast<int>(i) + 1);
            EXPECT_FALSE(migrations[i].statements.empty());
        }
    }
}

TEST(MariadbTest, NoOtherServerIsTakenForIt) {
    EXPECT_NO_THROW(requireMariadb("10.11.6-MariaDB-0+deb12u1"));
    try {
        requireMariadb("8.0.36");
        FAIL() << "taken";
    } catch (const Poco::Exception& exception) {
        EXPECT_THAT(exception.message(), AllOf(HasSubstr("8.0.36"), HasSubstr("MariaDB")));
    }
}

}  // namespace
}  // namespace parlor::ledger::test
