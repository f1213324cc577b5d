// Who may embed the widget, and what is served of it.

#include <chrono>

#include "tests/gateway/support/edge_test.h"
#include "tests/support/temp_dir.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;

class OriginTest : public EdgeTest {
 protected:
    void SetUp() override {
        Config listed = config();
        SiteConfig& site = listed.edge.sites.at(*SiteId::parse("demo"));
        site.anyOrigin = false;
        site.origins = {"https://shop.example"};
        start(listed);
    }
    Answer openFrom(const std::string& origin) {
        return http({.method = "POST",
                     .target = "/v1/sites/demo/conversations",
                     .body = "{}",
                     .headers = {{"Origin", origin}}});
    }
};

TEST_F(OriginTest, OnlyListedOriginsAndOurOwn) {
    const Answer listed = openFrom("https://shop.example");
    EXPECT_EQ(listed.status, 201);
    EXPECT_EQ(listed.header("access-control-allow-origin"), "https://shop.example");
    EXPECT_EQ(listed.header("vary"), "Origin");
    EXPECT_NE(listed.header("access-control-expose-headers").find("Location"), std::string::npos);
    const Answer own = openFrom("http://localhost");  // the Host header's
    EXPECT_EQ(own.status, 201);
    EXPECT_EQ(own.header("access-control-allow-origin"), "");
    for (const char* origin : {"https://evil.example", "https://shop.example.evil.example",
                               "http://shop.example", "null"}) {
        const Answer answer = openFrom(origin);
        expectProblem(answer, 403, "forbidden");
        EXPECT_EQ(answer.header("access-control-allow-origin"), "");
    }
}

TEST_F(OriginTest, PollsAndPostsAreHeldToItToo) {
    const Opened opened = open();
    const auto from = [&](const std::string& origin) {
        return http({.target = opened.events("?after=0"),
                     .token = opened.token,
                     .headers = {{"Origin", origin}}});
    };
    expectProblem(from("https://evil.example"), 403, "forbidden");
    expectProblem(http({.target = "/v1/requests/" + RequestId::generate().str(),
                        .token = opened.token,
                        .headers = {{"Origin", "https://evil.example"}}}),
                  403, "forbidden");
    EXPECT_EQ(from("https://shop.example").header("access-control-allow-origin"),
              "https://shop.example");
}

TEST_F(OriginTest, AParkedPollKeepsItsHeader) {
    const Opened opened = open();
    HttpPeer peer(port());
    peer.send(formatRequest({.target = opened.events("?after=1.1&wait=20"),
                             .token = opened.token,
                             .headers = {{"Origin", "https://shop.example"}}}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    ledger.say(opened.conversation, "x");
    EXPECT_EQ(peer.receive().header("access-control-allow-origin"), "https://shop.example");
}

TEST_F(OriginTest, Preflight) {
    const auto preflight = [&](const std::string& origin) {
        return http({.method = "OPTIONS",
                     .target = "/v1/sites/demo/conversations",
                     .headers = {{"Origin", origin},
                                 {"Access-Control-Request-Method", "POST"},
                                 {"Access-Control-Request-Headers", "content-type"}}});
    };
    const Answer allowed = preflight("https://shop.example");
    EXPECT_EQ(allowed.status, 204);
    EXPECT_EQ(allowed.header("access-control-allow-origin"), "https://shop.example");
    for (const char* name :
         {"Authorization", "Content-Type", "Prefer", "Last-Event-ID", "traceparent"}) {
        EXPECT_NE(allowed.header("access-control-allow-headers").find(name), std::string::npos)
            << name;
    }
    EXPECT_NE(allowed.header("access-control-allow-methods").find("POST"), std::string::npos);
    const Answer refused = preflight("https://evil.example");
    EXPECT_EQ(refused.status, 204);
    EXPECT_EQ(refused.header("access-control-allow-origin"), "");
}

class FilesTest : public EdgeTest {
 protected:
    void SetUp() override {
        dir.write("widget.js", "console.log('parlor')");
        dir.write("demo.html", "<!doctype html>");
        Config with = config();
        with.widgetDir = dir.path();
        start(with);
    }
    parlor::test::TempDir dir;
};

TEST_F(FilesTest, TheWidgetWithItsEtag) {
    const Answer answer = http({.target = "/widget.js"});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("content-type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(answer.header("cache-control"), "public, max-age=300");
    EXPECT_EQ(answer.body, "console.log('parlor')");
    const std::string etag = answer.header("etag");
    const auto with = [&](const std::string& tag) {
        return http({.target = "/widget.js", .headers = {{"If-None-Match", tag}}});
    };
    const Answer same = with(etag);
    EXPECT_EQ(same.status, 304);
    EXPECT_TRUE(same.body.empty());
    EXPECT_EQ(same.header("etag"), etag);
    EXPECT_EQ(with("\"other\", W/" + etag).status, 304);
    EXPECT_EQ(with("\"other\"").status, 200);
    const Answer head = http({.method = "HEAD", .target = "/widget.js"});
    EXPECT_EQ(head.header("content-length"), "21");
    EXPECT_EQ(http({.target = "/demo"}).header("content-type"), "text/html; charset=utf-8");
}

TEST_F(FilesTest, AMissingFileStopsTheStart) {
    parlor::test::TempDir empty;
    Config without = config();
    without.widgetDir = empty.path();
    try {
        start(without);
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("widget.js"), std::string::npos);
    }
}

}  // namespace
}  // namespace parlor::gateway::test
