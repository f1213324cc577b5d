// A conversation's record, taken out by parlor-admin, can be verified by whoever has the file.

#include <boost/algorithm/string/replace.hpp>
#include <chrono>
#include <iomanip>
#include <sstream>

#include "proto/codec.h"
#include "tests/security/hostile_test.h"
#include "tests/security/ledger_process.h"
#include "tests/support/eventually.h"

namespace parlor::test {
namespace {

using testing::HasSubstr;

class ExportTest : public testing::Test {
 protected:
    ExportTest() {
        gateway_.subscribe("parlor/+/reply/gateway/gw-1");
        alice_.subscribe("parlor/demo/reply/alice/desk");
        v1::Request request;
        request.mutable_open()->set_conversation(kConversation);
        request.mutable_open()->set_request_id(RequestId::generate().str());
        ask(gateway_, "gateway/gw-1", "parlor/demo/rpc/open/gateway", encode(request));
        v1::Draft hello;
        hello.mutable_message()->set_text("hello, 你好");
        post(gateway_, "gateway/gw-1", "in/visitor", hello);
        v1::Draft accept;
        accept.mutable_accept();
        post(alice_, "alice/desk", "in/agent/alice", accept);
        v1::Draft note;
        note.mutable_note()->set_text("a regular");
        post(alice_, "alice/desk", "in/agent/alice", note);
    }

    // The file that `export` writes.
    std::string exported(const std::string& name, std::vector<std::string> more = {}) {
        const auto file = dir_.file(name);
        std::vector<std::string> all = {"export",   kConversation, "--site",   "demo",
                                        "--format", "record",      "--output", file};
        all.insert(all.end(), more.begin(), more.end());
        const auto result = broker_.admin(all);
        EXPECT_EQ(result.exitCode, 0) << result.text;
        return file;
    }
    SecuredBroker::Output verify(const std::string& file) {
        return broker_.admin({"verify", "--file", file});
    }
    // Of the file with something else in the place of `what`.
    SecuredBroker::Output verifyChanged(const std::string& file, const std::string& what,
                                        const std::string& other) {
        auto text = readFile(file);
        EXPECT_THAT(text, HasSubstr(what));
        boost::replace_first(text, what, other);
        return verify(dir_.write("changed", text));
    }

    const TempDir dir_;
    SecuredBroker broker_{Accounts::dynsec};
    LedgerProcess ledger_{broker_};
    RawClient gateway_ = broker_.client("gateway");
    RawClient alice_ = broker_.client("alice");
};

TEST_F(ExportTest, AnExportedRecordIsWholeWithoutLedgerAndBroker) {
    const auto shared = exported("shared");
    const auto all = exported("all", {"--notes"});
    ledger_.stop();
    broker_.process().stop();
    EXPECT_EQ(verify(shared).text, "1 conversations, 3 events, 0 of them erased: whole\n");
    const auto result = verify(all);
    EXPECT_EQ(result.exitCode, 0);
    EXPECT_EQ(result.text, "1 conversations, 4 events, 0 of them erased: whole\n");
}

TEST_F(ExportTest, WhatWasChangedInTheFileIsNamed) {
    const auto file = exported("all", {"--notes"});
    const auto changed = verifyChanged(file, "hello", "hullo");
    EXPECT_EQ(changed.exitCode, 2);
    EXPECT_THAT(changed.text,
                HasSubstr("broken at conversation=" + kConversation +
                          " stream=shared seq=2 has another content than was recorded"));
    EXPECT_THAT(verifyChanged(file, "a regular", "a nuisance").text,
                HasSubstr("stream=staff seq=1 has another content"));
    EXPECT_THAT(verifyChanged(file, "\"head_seq\": \"3\"", "\"head_seq\": \"4\"").text,
                HasSubstr("stream=shared seq=4 is missing"));
    const auto noExport = verifyChanged(file, "{", "[");
    EXPECT_EQ(noExport.exitCode, 1);
    EXPECT_THAT(noExport.text, HasSubstr("not an exported record"));
}

TEST_F(ExportTest, AReportCountsWhatWasOpened) {
    const auto report = [&](const std::string& from, const std::string& until) {
        return broker_.admin({"report", "--site", "demo", "--from", from, "--until", until, "--by",
                              "department", "--utc-offset", "480"});
    };
    const auto now = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const auto day = [](std::chrono::sys_days date) {
        const std::chrono::year_month_day parts(date);
        std::ostringstream text;
        text << static_cast<int>(parts.year()) << '-' << std::setfill('0') << std::setw(2)
             << static_cast<unsigned>(parts.month()) << '-' << std::setw(2)
             << static_cast<unsigned>(parts.day());
        return text.str();
    };
    const auto from = day(now - std::chrono::days(2));
    const auto until = day(now + std::chrono::days(2));
    v1::Request request;
    request.mutable_open()->set_conversation(ConversationId::generate().str());
    request.mutable_open()->set_request_id(RequestId::generate().str());
    ask(gateway_, "gateway/gw-1", "parlor/demo/rpc/open/gateway", encode(request));
    EXPECT_TRUE(eventually([&] {  // once it is indexed
        return report(from, until).text.find("\"key\": \"general\"") != std::string::npos;
    }));
    EXPECT_EQ(report(from, from).exitCode, 1);

    EXPECT_THAT(report(from, "2026-02-30").text, HasSubstr("2026-02-30: not a day"));
    EXPECT_THAT(report(from, until + "x").text, HasSubstr("not a day"));
}

}  // namespace
}  // namespace parlor::test
