// What is done to the record without a ledger, as commands, of both programs that have them.

#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/world.h"
#include "tests/support/process.h"

namespace parlor::admin {
namespace {

using ledger::test::Sender;
using ledger::test::World;
using parlor::test::Process;
using parlor::test::TempDir;
using testing::HasSubstr;

struct Output {
    int exitCode;
    std::string text;
};

class RecordCommands : public testing::Test {
 protected:
    RecordCommands() {
        EXPECT_TRUE(gateway_.post(conversation_, ledger::test::message("hello")).has_recorded());
        world_.stopLedger();
    }

    Output run(std::vector<std::string> arguments) {
        const TempDir scratch;
        Process process({.arguments = std::move(arguments),
                         .logFile = scratch.file("out"),
                         .environment = {},
                         .workingDirectory = {}});
        const auto code = process.wait(std::chrono::seconds(30));
        return {code.value_or(-1), process.log()};
    }
    // The same of both programs.
    Output runBoth(const std::string& what) {
        auto mine = run({PARLOR_ADMIN, what, "--config", config_});
        const auto ledgers = run({PARLOR_LEDGER, "--config=" + config_, "--" + what});
        EXPECT_EQ(mine.exitCode, ledgers.exitCode);
        EXPECT_EQ(mine.text, ledgers.text);
        return mine;
    }

    const TempDir dir_;
    World world_;
    Sender gateway_{world_.broker()};
    const ConversationId conversation_ = world_.open(gateway_);
    const std::string config_ =
        dir_.write("ledger.properties", "database.url = sqlite://" + world_.databasePath() + "\n");
};

TEST_F(RecordCommands, AWholeRecordIsExitCodeZero) {
    const auto result = runBoth("verify");
    EXPECT_EQ(result.exitCode, 0) << result.text;
    EXPECT_EQ(result.text, "1 conversations, 2 events, 0 of them erased: whole\n");
}

TEST_F(RecordCommands, ABrokenOneIsExitCodeTwoAndTheLinkIsNamed) {
    Poco::Data::Session("SQLite", world_.databasePath())
        << "UPDATE events SET event = x'ff' WHERE seq = 2",
        Poco::Data::Keywords::now;
    const auto result = runBoth("verify");
    EXPECT_EQ(result.exitCode, 2) << result.text;
    EXPECT_THAT(result.text, HasSubstr("broken at conversation=" + conversation_.str() +
                                       " stream=shared seq=2 is not an event"));
}

TEST_F(RecordCommands, CheckNamesWhatDiffersInTheTables) {
    const auto check = [&] { return run({PARLOR_ADMIN, "check", "--config", config_, "--json"}); };
    const auto whole = check();
    EXPECT_EQ(whole.exitCode, 0) << whole.text;
    EXPECT_EQ(whole.text, R"({"conversations":1,"events":2,"erased":0,"differences":[]})"
                          "\n");
    Poco::Data::Session("SQLite", world_.databasePath())
        << "INSERT INTO job_parts VALUES ('X', 0, 'x')",
        Poco::Data::Keywords::now;
    const auto broken = check();
    EXPECT_EQ(broken.exitCode, 2);
    EXPECT_THAT(broken.text,
                HasSubstr(R"("differences":[{"check":"job_parts","text":"results without)"));
    const auto shown = run({PARLOR_ADMIN, "check", "--config", config_});
    EXPECT_EQ(shown.text,
              "job_parts: results without their job X\n"
              "1 conversations, 2 events, 0 of them erased: whole\n");
}

TEST_F(RecordCommands, ReindexMakesTheIndexAnew) {
    const auto tables = [&] {
        int documents = 0;
        Poco::Data::Session("SQLite", world_.databasePath())
            << "SELECT COUNT(*) FROM search_documents JOIN search_terms USING (document)"
            << " WHERE term = 'hello'",
            Poco::Data::Keywords::into(documents), Poco::Data::Keywords::now;
        return documents;
    };
    Poco::Data::Session("SQLite", world_.databasePath()) << "DELETE FROM search_documents",
        Poco::Data::Keywords::now;
    const auto result = run({PARLOR_ADMIN, "reindex", "--config", config_});
    EXPECT_EQ(result.exitCode, 0);
    EXPECT_EQ(result.text, "2 events\n");
    EXPECT_EQ(tables(), 1);
    EXPECT_EQ(run({PARLOR_ADMIN, "reindex", "--config", config_, "--json"}).text,
              R"({"events":2,"refused":0})"
              "\n");
    EXPECT_EQ(tables(), 1);
}

TEST_F(RecordCommands, RestoreDoneRaisesTheEpoch) {
    const auto before = *world_.store().makeReader()->epoch();
    const auto result = run({PARLOR_ADMIN, "restore-done", "--config", config_});
    EXPECT_EQ(result.exitCode, 0);
    EXPECT_EQ(result.text, "epoch " + std::to_string(before + 1) + "\n");
    EXPECT_EQ(run({PARLOR_LEDGER, "--config=" + config_, "--restore-done"}).text,
              "epoch " + std::to_string(before + 2) + "\n");
    EXPECT_EQ(*world_.store().makeReader()->epoch(), before + 2);
}

TEST_F(RecordCommands, WhatCannotBeCheckedIsExitCodeOne) {
    const auto failure = [&](const std::vector<std::string>& arguments) {
        auto all = arguments;
        all.insert(all.begin(), PARLOR_ADMIN);
        const auto result = run(all);
        EXPECT_EQ(result.exitCode, 1) << result.text;
        return result.text;
    };
    EXPECT_THAT(failure({"verify", "--config", dir_.file("none")}), HasSubstr("cannot read"));
    EXPECT_THAT(failure({"verify", "--config", dir_.write("empty", "")}),
                HasSubstr("no database.url"));
    const auto nowhere =
        dir_.write("nowhere", "database.url = postgresql://u:secret@127.0.0.1:1/d\n");
    EXPECT_THAT(failure({"verify", "--config", nowhere}),
                testing::AllOf(HasSubstr("127.0.0.1"), testing::Not(HasSubstr("secret"))));
    EXPECT_THAT(failure({"restore-done", "--config", nowhere}), HasSubstr("127.0.0.1"));
    EXPECT_THAT(failure({"reindex", "--config", nowhere}), HasSubstr("127.0.0.1"));
    EXPECT_THAT(failure({"verify", "--file", dir_.file("none")}), HasSubstr("cannot read"));
    EXPECT_THAT(failure({"verify", "--file", config_}), HasSubstr("not an exported record"));
    EXPECT_EQ(run({PARLOR_ADMIN, "verify"}).exitCode, 2);
}

}  // namespace
}  // namespace parlor::admin
