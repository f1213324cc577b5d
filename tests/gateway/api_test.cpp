// Every HTTP call of docs/protocol.md, over real sockets.

#include <chrono>

#include "tests/gateway/support/edge_test.h"
#include "tests/support/temp_dir.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;

class ApiTest : public EdgeTest {
 protected:
    Answer poll(const Opened& opened, const std::string& query,
                std::chrono::milliseconds limit = 10s) {
        return http({.target = opened.events("?" + query), .token = opened.token}, limit);
    }
    static std::string texts(const Answer& answer) {
        std::string text;
        const auto body = answer.json();
        for (const auto& event : body.at("events").as_array()) {
            text += event.at("type").as_string();
            if (const auto* message = event.as_object().if_contains("message")) {
                text += ":" + std::string(message->at("text").as_string());
            }
            text += " ";
        }
        return text;
    }
    static std::string cursor(const Answer& answer) {
        return std::string(answer.json().at("cursor").as_string());
    }
};

TEST_F(ApiTest, OpenPostAndShortPoll) {
    const Opened opened = open();
    EXPECT_EQ(opened.cursor, "1.1");
    const auto id = RequestId::generate();
    const Answer posted = post(opened, "hello 你好", id);
    EXPECT_EQ(posted.status, 201);
    EXPECT_EQ(posted.body, R"({"request_id":")" + id.str() + R"(","seq":2,"cursor":"1.2"})");
    const Answer polled = poll(opened, "after=0");
    EXPECT_EQ(polled.status, 200);
    EXPECT_EQ(polled.header("content-type"), "application/json");
    EXPECT_EQ(texts(polled), "opened message:hello 你好 ");
    EXPECT_EQ(cursor(polled), "1.2");
    EXPECT_EQ(polled.json().at("poll_after_ms").as_int64(), 2000);
    const Answer nothing = poll(opened, "after=1.2");
    EXPECT_EQ(texts(nothing), "");
    EXPECT_EQ(cursor(nothing), "1.2");
    EXPECT_FALSE(nothing.json().contains("gap"));
}

TEST_F(ApiTest, TheLongerItIsQuietTheLaterAPollMayComeBack) {
    const auto pollAfter = [this](const Opened& opened) {
        return poll(opened, "after=0").json().at("poll_after_ms").as_int64();
    };
    ledger.setAge(std::chrono::minutes(2));
    const Opened quiet = open();
    EXPECT_EQ(pollAfter(quiet), 4000);
    ledger.setAge(std::chrono::minutes(20));
    EXPECT_EQ(pollAfter(open()), 8000);
    ledger.setAge(std::chrono::milliseconds(0));
    ledger.say(quiet.conversation, "back");
    EXPECT_TRUE(parlor::test::eventually([&] { return pollAfter(quiet) == 2000; }));
    cutBroker();
    EXPECT_EQ(pollAfter(quiet), 5000);
}

TEST_F(ApiTest, OpenTellsTheLedgerOfTheVisitor) {
    const Answer answer =
        http({.method = "POST",
              .target = "/v1/sites/demo/conversations",
              .body = R"({"department":"sales","visitor":{"name":"Li","page_url":"https://x/"}})",
              .headers = {{"User-Agent", "test/1"}}});
    ASSERT_EQ(answer.status, 201);
    const auto conversation =
        *ConversationId::parse(std::string(answer.json().at("conversation").as_string()));
    const auto events = ledger.events(conversation);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].opened().department(), "sales");
    EXPECT_EQ(events[0].opened().visitor().name(), "Li");
    EXPECT_EQ(events[0].opened().visitor().user_agent(), "test/1");
}

TEST_F(ApiTest, OpeningAgainWithTheSameRequestGivesTheSameConversation) {
    const auto open = [&](const std::string& requestId) {
        return http({.method = "POST",
                     .target = "/v1/sites/demo/conversations",
                     .body = R"({"request_id":")" + requestId + R"("})"});
    };
    const std::string id = RequestId::generate().str();
    const auto first = open(id).json();
    start();  // another replica, so to say
    const Answer again = open(id);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.json().at("conversation"), first.at("conversation"));
    EXPECT_EQ(again.json().at("cursor"), first.at("cursor"));
    const auto conversation =
        *ConversationId::parse(std::string(first.at("conversation").as_string()));
    const auto events = ledger.events(conversation);
    ASSERT_EQ(events.size(), 1U);
    // Agents read the record: with what stands there nobody opens the conversation again.
    EXPECT_NE(events[0].request_id(), id);
    EXPECT_NE(open(events[0].request_id()).json().at("conversation"), first.at("conversation"));
    for (const auto& token : {first.at("token"), again.json().at("token")}) {
        EXPECT_EQ(http({.target = "/v1/conversations/" + conversation.str() + "/events?after=0",
                        .token = std::string(token.as_string())})
                      .status,
                  200);
    }
    EXPECT_NE(open(RequestId::generate().str()).json().at("conversation"),
              first.at("conversation"));
    expectProblem(open("x"), 400, "malformed");
}

TEST_F(ApiTest, OpenRefusals) {
    const auto refused = [&](const std::string& target, const std::string& body) {
        return http({.method = "POST", .target = target, .body = body});
    };
    const std::string target = "/v1/sites/demo/conversations";
    expectProblem(refused("/v1/sites/other/conversations", "{}"), 404, "not_found");
    expectProblem(refused("/v1/sites/Not%20A%20Site/conversations", "{}"), 404, "not_found");
    expectProblem(refused(target, "{"), 400, "malformed");
    expectProblem(refused(target, ""), 400, "malformed");
    expectProblem(refused(target, R"({"visitor":{"name":")" + std::string(300, 'x') + "\"}}"), 413,
                  "too_large");
    expectProblem(http({.method = "POST",
                        .target = target,
                        .body = "{}",
                        .headers = {{"Content-Type", "text/plain"}}}),
                  415, "malformed");
    expectProblem(http({.method = "GET", .target = target}), 405, "method_not_allowed");
}

TEST_F(ApiTest, LongPollIsAnsweredByTheFirstEvent) {
    const Opened opened = open();
    HttpPeer peer(port());
    peer.send(
        formatRequest({.target = opened.events("?after=1.1&wait=20"), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    EXPECT_TRUE(peer.receiveSome(50ms).empty());
    ledger.say(opened.conversation, "welcome");
    const Answer answer = peer.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(texts(answer), "message:welcome ");
    EXPECT_EQ(cursor(answer), "1.2");
    EXPECT_FALSE(answer.json().contains("poll_after_ms"));
    EXPECT_EQ(answer.header("connection"), "keep-alive");
    EXPECT_TRUE(parked(Transport::longPoll, 0));
    // The same connection goes on.
    peer.send(
        formatRequest({.target = opened.events("?after=1.2&wait=20"), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    ledger.say(opened.conversation, "again");
    EXPECT_EQ(texts(peer.receive()), "message:again ");
}

TEST_F(ApiTest, LongPollWithEventsAtHandIsAnsweredAtOnce) {
    const Opened opened = open();
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(texts(poll(opened, "after=0&wait=20")), "opened ");
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
}

TEST_F(ApiTest, LongPollEndsWith204) {
    const Opened opened = open();
    const auto before = std::chrono::steady_clock::now();
    const Answer answer = poll(opened, "after=1.1&wait=1");
    EXPECT_EQ(answer.status, 204);
    EXPECT_TRUE(answer.body.empty());
    EXPECT_FALSE(answer.headers.contains("content-length"));
    EXPECT_GE(std::chrono::steady_clock::now() - before, 900ms);
}

TEST_F(ApiTest, ManyPagesInOrder) {
    const Opened opened = open();
    for (int i = 2; i <= 450; ++i) ledger.say(opened.conversation, std::to_string(i));
    std::string after = "0";
    std::int64_t next = 1;
    for (int page = 0; page < 10 && next <= 450; ++page) {
        const Answer answer = poll(opened, "after=" + after);
        ASSERT_EQ(answer.status, 200);
        const auto body = answer.json();
        ASSERT_LE(body.at("events").as_array().size(), 200U);
        for (const auto& event : body.at("events").as_array()) {
            EXPECT_EQ(event.at("seq").as_int64(), next++);
        }
        after = std::string(body.at("cursor").as_string());
    }
    EXPECT_EQ(next, 451);
}

TEST_F(ApiTest, AnotherEpochStartsOver) {
    const Opened opened = open();
    const Answer answer = poll(opened, "after=9.40");
    EXPECT_TRUE(answer.json().at("reset").as_bool());
    EXPECT_EQ(texts(answer), "opened ");
}

TEST_F(ApiTest, PollRefusals) {
    const Opened opened = open();
    for (const char* query : {"after=x", "after=1.2.3", "after=-1", "after=1&wait=61",
                              "after=1&wait=x", "after=1&wait=-1", "after=%20"}) {
        expectProblem(poll(opened, query), 400, "malformed");
    }
}

TEST_F(ApiTest, Authorisation) {
    const Opened opened = open();
    const Opened other = open();
    const std::string target = opened.events("?after=0");
    const auto with = [&](const std::string& token) {
        return http({.target = target, .token = token});
    };
    for (const std::string& token :
         {std::string(), std::string("nonsense"), opened.token + "x", std::string(3000, 'x')}) {
        const Answer answer = with(token);
        expectProblem(answer, 401, "unauthorized");
        EXPECT_EQ(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    }
    expectProblem(with(other.token), 403, "forbidden");
    EXPECT_EQ(http({.target = target + "&access_token=" + opened.token}).status, 200);
    expectProblem(http({.method = "POST",
                        .target = opened.events(),
                        .token = other.token,
                        .body = messageBody("x")}),
                  403, "forbidden");
    expectProblem(
        http({.target = "/v1/conversations/nonsense/events?after=0", .token = opened.token}), 404,
        "not_found");
}

TEST_F(ApiTest, AnExpiredTokenIsRefused) {
    Config brief = config();
    brief.tokenLifetime = 1s;
    start(brief);
    const Opened opened = open();
    EXPECT_EQ(poll(opened, "after=0").status, 200);
    EXPECT_TRUE(eventually([&] { return poll(opened, "after=0").status == 401; }));
}

TEST_F(ApiTest, PostRefusals) {
    const Opened opened = open();
    const auto refused = [&](const std::string& body) {
        return http(
            {.method = "POST", .target = opened.events(), .token = opened.token, .body = body});
    };
    expectProblem(refused("{\"request_id\":"), 400, "malformed");
    expectProblem(refused("{}"), 400, "malformed");
    expectProblem(refused("{\"x\":\"\xff\"}"), 400, "malformed");
    expectProblem(refused(messageBody("")), 400, "malformed");
    expectProblem(refused(messageBody(std::string(8193, 'x'))), 413, "too_large");
    expectProblem(http({.method = "POST",
                        .target = opened.events(),
                        .token = opened.token,
                        .body = messageBody("x"),
                        .headers = {{"Content-Type", "application/xml"}}}),
                  415, "malformed");
    EXPECT_EQ(ledger.posts(), 0U);
    EXPECT_EQ(refused(messageBody(std::string(8192, 'x'))).status, 201);
}

TEST_F(ApiTest, WhatTheLedgerRefusesIsAProblem) {
    const Opened opened = open();
    ledger.setFailure(Error{Errc::closed, "the conversation is closed"});
    expectProblem(post(opened, "x"), 409, "closed");
    ledger.setFailure(Error{Errc::conflict, "no"});
    expectProblem(post(opened, "x"), 409, "conflict");
    ledger.setFailure(Error{Errc::notFound, "no"});
    expectProblem(post(opened, "x"), 404, "not_found");
}

TEST_F(ApiTest, RepeatingARequestIsHarmless) {
    const Opened opened = open();
    const auto id = RequestId::generate();
    const Answer first = post(opened, "once", id);
    const Answer second = post(opened, "once", id);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(ledger.events(opened.conversation).size(), 2U);
}

TEST_F(ApiTest, WithoutAReceiptItIsAcceptedAndGoesOn) {
    const Opened opened = open();
    ledger.setSilent(true);
    const auto id = RequestId::generate();
    const Answer answer = post(opened, "slow", id);
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.header("location"), "/v1/requests/" + id.str());
    const std::string target = answer.header("location");
    EXPECT_EQ(http({.target = target, .token = opened.token}).body,
              R"({"request_id":")" + id.str() + R"(","status":"pending"})");
    HttpPeer peer(port());
    peer.send(formatRequest({.target = target + "?wait=20", .token = opened.token}));
    EXPECT_TRUE(peer.receiveSome(50ms).empty());
    ledger.setSilent(false);
    const auto body = peer.receive().json();
    EXPECT_EQ(body.at("status").as_string(), "recorded");
    EXPECT_EQ(body.at("seq").as_int64(), 2);
    EXPECT_EQ(body.at("cursor").as_string(), "1.2");
    EXPECT_GE(ledger.posts(), 2U);
    EXPECT_EQ(ledger.events(opened.conversation).size(), 2U);
}

TEST_F(ApiTest, RespondAsyncIsAcceptedAtOnce) {
    const Opened opened = open();
    const auto id = RequestId::generate();
    const Answer answer = http({.method = "POST",
                                .target = opened.events(),
                                .token = opened.token,
                                .body = messageBody("x", id),
                                .headers = {{"Prefer", "respond-async"}}});
    EXPECT_EQ(answer.status, 202);
    const Answer status =
        http({.target = answer.header("location") + "?wait=20", .token = opened.token});
    EXPECT_EQ(status.json().at("status").as_string(), "recorded");
}

TEST_F(ApiTest, AFailedRequestSaysWhy) {
    const Opened opened = open();
    ledger.setFailure(Error{Errc::closed, "the conversation is closed"});
    const auto id = RequestId::generate();
    expectProblem(post(opened, "x", id), 409, "closed");
    const auto body = http({.target = "/v1/requests/" + id.str(), .token = opened.token}).json();
    EXPECT_EQ(body.at("status").as_string(), "failed");
    EXPECT_EQ(body.at("problem").at("code").as_string(), "closed");
    EXPECT_EQ(body.at("problem").at("status").as_int64(), 409);
}

TEST_F(ApiTest, AnotherReplicaIsAskedOfRequestsThroughTheLedger) {
    const Opened opened = open();
    const auto id = RequestId::generate();
    EXPECT_EQ(post(opened, "x", id).status, 201);
    start();  // a gateway that knows nothing
    const auto body = http({.target = "/v1/requests/" + id.str(), .token = opened.token}).json();
    EXPECT_EQ(body.at("status").as_string(), "recorded");
    EXPECT_EQ(body.at("seq").as_int64(), 2);
    const auto never = RequestId::generate().str();
    const Answer unknown =
        http({.target = "/v1/requests/" + never + "?wait=1", .token = opened.token});
    EXPECT_EQ(unknown.json().at("status").as_string(), "pending");
    expectProblem(http({.target = "/v1/requests/nonsense", .token = opened.token}), 404,
                  "not_found");
    expectProblem(http({.target = "/v1/requests/" + never}), 401, "unauthorized");
    expectProblem(http({.target = "/v1/requests/" + never + "?wait=26", .token = opened.token}),
                  400, "malformed");
}

TEST_F(ApiTest, WhileTheLedgerIsAwayAHoleIsSaid) {
    const Opened opened = open();
    start();
    ledger.setSilent(true);
    broker.dropRetained();
    const Answer answer = poll(opened, "after=1.1");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.json().at("gap").as_bool());
    EXPECT_EQ(cursor(answer), "1.1");
    EXPECT_EQ(texts(answer), "");
    EXPECT_TRUE(poll(opened, "after=1.1&wait=1").json().at("gap").as_bool());
    ledger.setSilent(false);
    EXPECT_TRUE(eventually([&] { return !poll(opened, "after=1.1").json().contains("gap"); }));
}

TEST_F(ApiTest, WhileTheBrokerIsAway) {
    const Opened opened = open();
    HttpPeer peer(port());
    peer.send(
        formatRequest({.target = opened.events("?after=1.1&wait=30"), .token = opened.token}));
    ASSERT_TRUE(parked(Transport::longPoll, 1));
    cutBroker();
    expectProblem(post(opened, "x"), 503, "unavailable");
    expectProblem(http({.method = "POST", .target = "/v1/sites/demo/conversations", .body = "{}"}),
                  503, "unavailable");
    const Answer polled = poll(opened, "after=1.1");
    EXPECT_TRUE(polled.json().at("gap").as_bool());
    EXPECT_EQ(poll(opened, "after=0").json().at("events").as_array().size(), 1U);
    expectProblem(http({.target = "/readyz"}), 503, "unavailable");
    EXPECT_EQ(http({.target = "/healthz"}).status, 200);
    EXPECT_TRUE(poll(opened, "after=1.1&wait=1").json().at("gap").as_bool());
    // The parked poll stayed, and gets what was missed.
    EXPECT_TRUE(peer.receiveSome(10ms).empty());
    ledger.say(opened.conversation, "meanwhile");
    restoreBroker();
    EXPECT_EQ(texts(peer.receive()), "message:meanwhile ");
    EXPECT_EQ(post(opened, "x").status, 201);
}

TEST_F(ApiTest, AConversationThatTheLedgerDoesNotKnow) {
    // The token is good, but what it names is gone.
    Stats stats;
    Tokens tokens(config().tokenKeys, 1h, &std::chrono::system_clock::now, stats);
    const auto conversation = ConversationId::generate();
    const Answer answer =
        http({.target = "/v1/conversations/" + conversation.str() + "/events?after=0",
              .token = tokens.sign(*SiteId::parse("demo"), conversation)});
    expectProblem(answer, 404, "not_found");
    expectProblem(http({.target = "/v1/conversations/" + conversation.str() + "/events?after=0",
                        .token = tokens.sign(*SiteId::parse("other"), conversation)}),
                  404, "not_found");
}

TEST_F(ApiTest, ThePresenceOfPollingVisitors) {
    const Opened opened = open();
    poll(opened, "after=0");
    EXPECT_TRUE(eventually([&] { return ledger.presence(opened.conversation).size() == 1; }));
    poll(opened, "after=1.1");
    poll(opened, "after=1.1&wait=1");
    EXPECT_EQ(ledger.presence(opened.conversation), std::vector{v1::Presence::STATE_HERE});
}

TEST_F(ApiTest, MethodsAndPaths) {
    const Opened opened = open();
    for (const char* path : {"/", "/nothing", "/v1/nothing", "/widget.js", "/demo"}) {
        expectProblem(http({.target = path}), 404, "not_found");
    }
    const Answer deleted = http({.method = "DELETE", .target = opened.events()});
    expectProblem(deleted, 405, "method_not_allowed");
    EXPECT_EQ(deleted.header("allow"), "GET, POST, OPTIONS");
    const Answer posted = http({.method = "POST", .target = "/healthz", .body = ""});
    expectProblem(posted, 405, "method_not_allowed");
    EXPECT_EQ(posted.header("allow"), "GET, HEAD, OPTIONS");
    expectProblem(http({.method = "HEAD", .target = opened.events()}), 405, "method_not_allowed");
    expectProblem(http({.method = "BREW", .target = "/healthz"}), 405, "method_not_allowed");
}

TEST_F(ApiTest, HealthReadinessAndMetrics) {
    const Opened opened = open();
    EXPECT_EQ(http({.target = "/healthz"}).body, "ok\n");
    EXPECT_EQ(http({.target = "/readyz"}).body, "ready\n");
    const Answer head = http({.method = "HEAD", .target = "/healthz"});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), "3");
    post(opened, "x");
    poll(opened, "after=0");
    const std::string metrics = http({.target = "/metrics"}).body;
    for (const char* line :
         {"parlor_gateway_posts_total 1\n", "parlor_gateway_bus_connected 1\n",
          "parlor_gateway_subscriptions 1\n", "parlor_gateway_receipts_pending 0\n",
          "parlor_gateway_parked{transport=\"long_poll\"} 0\n",
          "parlor_gateway_drops_total{reason=\"malformed\"} 0\n",
          "parlor_gateway_closed_total{reason=\"write_deadline\"} 0\n",
          "# TYPE parlor_gateway_delivery_seconds histogram\n",
          "# TYPE parlor_gateway_loop_lag_seconds histogram\n"}) {
        EXPECT_NE(metrics.find(line), std::string::npos) << line << metrics;
    }
}

TEST_F(ApiTest, SecurityHeadersOnEveryAnswer) {
    for (const char* path : {"/healthz", "/nothing"}) {
        const Answer answer = http({.target = path});
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
        EXPECT_EQ(answer.header("referrer-policy"), "no-referrer");
        EXPECT_EQ(answer.header("cache-control"), "no-store");
        EXPECT_EQ(answer.header("x-request-id").size(), 16U);
        EXPECT_FALSE(answer.header("date").empty());
    }
}

TEST_F(ApiTest, NothingOfTheRequestIsReflected) {
    const std::string evil = "%3Cscript%3Ealert(1)%3C/script%3E";
    for (const std::string& target :
         {"/" + evil, "/v1/sites/" + evil + "/conversations", "/v1/requests/" + evil,
          "/v1/conversations/" + evil + "/events?after=" + evil}) {
        const Answer answer = http({.target = target});
        EXPECT_EQ(answer.body.find("script"), std::string::npos) << answer.body;
    }
}

TEST_F(ApiTest, ItDescribesItself) {
    const Answer answer = http({.target = "/openapi.json"});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_EQ(answer.json().at("openapi").as_string().subview(0, 2), "3.");
}

}  // namespace
}  // namespace parlor::gateway::test
