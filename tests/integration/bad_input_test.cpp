#include <gmock/gmock.h>

#include "tests/integration/stack.h"
#include "tests/integration/visitor.h"
#include "tests/support/process.h"

namespace parlor::test {
namespace {

void expectProblem(const HttpResponse& response, int status, const std::string& code) {
    EXPECT_EQ(response.status, status) << response.body;
    ASSERT_EQ(response.headers.at("content-type"), "application/problem+json") << response.body;
    const auto problem = response.json();
    EXPECT_EQ(problem.at("status").as_int64(), status);
    EXPECT_EQ(problem.at("code").as_string(), code);
    EXPECT_FALSE(problem.at("detail").as_string().empty());
}

class BadInput : public testing::Test {
 protected:
    HttpResponse postBody(const std::string& body,
                          const std::string& contentType = "application/json") {
        return http(replica, {.method = "POST",
                              .target = visitor.path("events"),
                              .body = body,
                              .token = visitor.token(),
                              .contentType = contentType});
    }
    HttpResponse postText(const std::string& text) {
        return postBody(R"({"request_id":")" + RequestId::generate().str() +
                        R"(","message":{"text":")" + text + "\"}}");
    }

    Stack stack;
    std::string replica = stack.gateway(1);
    Visitor visitor{replica};
};

// One stack serves them all: each answer is a problem document, and afterwards all is as before.
TEST_F(BadInput, IsAnsweredWithAProblemAndTheProcessGoesOn) {
    const int gateway = stack.pid("gateway-1");
    const int ledger = stack.pid("ledger");

    expectProblem(postBody("{"), 400, "malformed");
    expectProblem(postBody("[]"), 400, "malformed");
    expectProblem(postBody(R"({"request_id":"no ulid","message":{"text":"x"}})"), 400, "malformed");
    expectProblem(postBody(std::string(200, '[')), 400, "malformed");
    expectProblem(postText("\xC3\x28"), 400, "malformed");
    expectProblem(postText(""), 400, "malformed");
    expectProblem(postText(std::string(8 * 1024 + 1, 'x')), 413, "too_large");
    expectProblem(postText(std::string(70 * 1024, 'x')), 413, "too_large");
    expectProblem(postBody("text=1", "application/x-www-form-urlencoded"), 415, "malformed");
    EXPECT_EQ(postText(std::string(8 * 1024, 'x')).status, 201);

    const auto get = [&](const std::string& target, const std::string& token) {
        return http(replica, {.target = target, .token = token});
    };
    expectProblem(get(visitor.path("events?after=0"), ""), 401, "unauthorized");
    expectProblem(get(visitor.path("events?after=0"), visitor.token() + "x"), 401, "unauthorized");
    expectProblem(get(visitor.path("events?after=x"), visitor.token()), 400, "malformed");
    expectProblem(get(visitor.path("events?after=0&wait=3600"), visitor.token()), 400, "malformed");
    const auto other = ConversationId::generate().str();
    expectProblem(get("/v1/conversations/" + other + "/events?after=0", visitor.token()), 403,
                  "forbidden");
    expectProblem(get("/v1/conversations/nonsense/events?after=0", visitor.token()), 404,
                  "not_found");
    expectProblem(get("/nothing/here", ""), 404, "not_found");
    expectProblem(
        http(replica, {.method = "POST", .target = "/v1/sites/nobody/conversations", .body = "{}"}),
        404, "not_found");
    const auto wrongMethod = http(replica, {.method = "DELETE", .target = visitor.path("events")});
    expectProblem(wrongMethod, 405, "method_not_allowed");
    EXPECT_TRUE(wrongMethod.headers.contains("allow"));

    EXPECT_EQ(stack.pid("gateway-1"), gateway);
    EXPECT_EQ(stack.pid("ledger"), ledger);
    EXPECT_EQ(visitor.post(replica, "still here").status, 201);
}

TEST_F(BadInput, FloodsOfHeadersAreCutOff) {
    std::string flood = "GET /healthz HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 2000; ++i) flood += "X-Header-" + std::to_string(i) + ": value\r\n";
    flood += "\r\n";
    EXPECT_THAT(sendRaw(replica, flood), testing::StartsWith("HTTP/1.1 431"));
    EXPECT_THAT(sendRaw(replica, "not http at all\r\n\r\n"), testing::StartsWith("HTTP/1.1 400"));
    EXPECT_EQ(visitor.post(replica, "still here").status, 201);
}

TEST_F(BadInput, ProtobufThatDoesNotParseIsDroppedAndCounted) {
    const auto topic = "parlor/demo/c/" + visitor.conversation() + "/in/visitor";
    const auto address = stack.address("broker");
    const auto port = address.substr(address.rfind(':') + 1);
    const TempDir scratch;
    Process garbage({.arguments = {"/usr/bin/mosquitto_pub",
                                   "-h",
                                   "127.0.0.1",
                                   "-p",
                                   port,
                                   "-V",
                                   "5",
                                   "-u",
                                   "gateway",
                                   "-P",
                                   stack.password("gateway"),
                                   "-t",
                                   topic,
                                   "-q",
                                   "1",
                                   "-D",
                                   "publish",
                                   "response-topic",
                                   "parlor/demo/reply/gateway/test",
                                   "-D",
                                   "publish",
                                   "correlation-data",
                                   "1",
                                   "-m",
                                   "\xFF\xFF not a protobuf"},
                     .logFile = scratch.file("log")});
    ASSERT_EQ(garbage.wait(std::chrono::seconds(10)), 0) << garbage.log();
    // The next post goes through the same intake: when it is recorded the garbage has been seen.
    EXPECT_EQ(visitor.post(replica, "still here").status, 201);
    const auto metrics = http(stack.address("ledger"), {.target = "/metrics"}).body;
    EXPECT_THAT(metrics, testing::ContainsRegex("dropped[a-z_]*\\{[^}]*malformed[^}]*\\} [1-9]"));
}

}  // namespace
}  // namespace parlor::test
