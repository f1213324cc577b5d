#include <gmock/gmock.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "ledger/store/sql_store.h"
#include "tests/integration/http_client.h"
#include "tests/integration/stack.h"
#include "tests/ledger/databases.h"

namespace parlor::test {
namespace {

using testing::HasSubstr;

TEST(Script, UpTwiceIsHarmlessAndStatusTellsEachPart) {
    Stack stack;
    const int gateway = stack.pid("gateway-1");
    stack.up();
    EXPECT_EQ(stack.pid("gateway-1"), gateway);

    const auto status = boost::json::parse(stack.parlor({"status", "--json"}).text).as_object();
    EXPECT_TRUE(status.at("running").as_bool());
    for (const auto* part : {"broker", "ledger", "gateway-1", "gateway-2", "balancer"}) {
        EXPECT_EQ(status.at("parts").at(part).at("state").as_string(), "healthy") << part;
    }
    EXPECT_EQ(http(stack.balancer(), {.target = "/demo"}).status, 200);
    EXPECT_EQ(http(stack.balancer(), {.target = "/widget.js"}).status, 200);

    EXPECT_EQ(stack.parlor({"down"}).exitCode, 0);
    EXPECT_EQ(stack.parlor({"status"}).exitCode, 1);
    EXPECT_THROW(http(stack.balancer(), {.target = "/demo"}), boost::system::system_error);
}

// Of the open files that it may have the gateway uses all, whatever its parent was content with.
TEST(Script, TheGatewayRaisesItsLimitOfOpenFiles) {
    rlimit own{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &own), 0);
    const rlimit low{1024, own.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    Stack stack({.gateways = 1});
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &own), 0);

    rlimit gateway{};
    ASSERT_EQ(::prlimit(stack.pid("gateway-1"), RLIMIT_NOFILE, nullptr, &gateway), 0);
    EXPECT_EQ(gateway.rlim_cur, own.rlim_max);
    const auto said = HasSubstr("open files are limited to " + std::to_string(own.rlim_max));
    if (own.rlim_max < 100100) {
        EXPECT_THAT(stack.log("gateway-1"), said);
    }
}

TEST(Script, ATakenPortIsSaidClearly) {
    boost::asio::io_context context;
    const boost::asio::ip::tcp::acceptor taken(context,
                                               {boost::asio::ip::make_address("127.0.0.1"), 0});
    const auto port = std::to_string(taken.local_endpoint().port());
    const TempDir dir;
    const auto result = runParlor({"up", "--no-build", "--port", port, "--data", dir.file("data"),
                                   "--bin", PARLOR_BINARY_DIR});
    EXPECT_EQ(result.exitCode, 1);
    EXPECT_THAT(result.text, HasSubstr("port " + port + " is taken by another program"));
}

TEST(Script, WhatItDoesNotKnowIsRefused) {
    Stack stack;
    const auto result = stack.parlor({"up", "--no-build", "--prot", "1"});
    EXPECT_EQ(result.exitCode, 1);
    EXPECT_THAT(result.text, HasSubstr("no such option: --prot"));
    EXPECT_THAT(stack.parlor({"up", "--no-build", "--port", "70000"}).text,
                HasSubstr("--port: 1 to 65535"));
    EXPECT_THAT(stack.parlor({"up", "--no-build", "--port", "1"}).text,
                HasSubstr("./parlor down first"));
    const TempDir dir;
    const auto onDatabase = [&](const std::string& file) {
        return stack.parlor({"up", "--no-build", "--database-file", file}).text;
    };
    EXPECT_THAT(onDatabase(dir.file("none")), HasSubstr("cannot read"));
    EXPECT_THAT(onDatabase(dir.write("empty", "")), HasSubstr("is empty"));
    EXPECT_THAT(onDatabase(dir.write("other", "oracle://x\n")),
                HasSubstr("must hold postgresql://USER:PASSWORD@HOST:PORT/NAME"));
    EXPECT_THAT(onDatabase(dir.write("another", "postgresql://u:p@h/d\n")),
                HasSubstr("the ledger runs already, on another database"));
}

TEST(Script, ADatabaseIsChosenOnce) {
    const auto database = ledger::test::Database::start(ledger::Dialect::postgresql);
    Stack stack;
    const TempDir dir;
    const auto url = dir.write("url", database->url().text() + "\n");
    const auto open = [&] {
        const auto opened =
            http(stack.balancer(),
                 {.method = "POST", .target = "/v1/sites/demo/conversations", .body = "{}"});
        ASSERT_EQ(opened.status, 201) << opened.body;
    };
    ASSERT_EQ(stack.parlor({"down"}).exitCode, 0);
    const auto first = stack.parlor({"up", "--no-build", "--database-file", url});
    ASSERT_EQ(first.exitCode, 0) << first.text;
    EXPECT_EQ(first.text.find("p%27a"), std::string::npos) << "the password is nobody's business";
    open();
    ASSERT_EQ(stack.parlor({"down"}).exitCode, 0);
    stack.up();
    open();
    ledger::SqlStore store(database->url());
    const auto recorded = store.makeReader()->all({}, 10);
    ASSERT_TRUE(recorded) << recorded.error().text;
    EXPECT_EQ(recorded->size(), 2U) << "the second start is on the same database";
}

}  // namespace
}  // namespace parlor::test
