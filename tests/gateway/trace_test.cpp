// W3C Trace Context.

#include "gateway/session/trace.h"

#include <regex>

#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using parlor::test::eventually;

constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kParent = std::string("00-") + kTrace + "-b7ad6b7169203331-01";

bool isNew(const std::string& traceparent) {
    return std::regex_match(traceparent, std::regex("00-[0-9a-f]{32}-[0-9a-f]{16}-00")) &&
           traceparent.find(kTrace) == std::string::npos;
}

TEST(Trace, ATraceGoesOnWithASpanOfItsOwn) {
    const std::string made = traceparentFor(kParent);
    EXPECT_EQ(traceIdOf(made), kTrace);
    EXPECT_TRUE(made.ends_with("-01"));
    EXPECT_EQ(made.size(), kParent.size());
    EXPECT_EQ(made.find("b7ad6b7169203331"), std::string::npos);
    EXPECT_NE(traceparentFor(kParent), made);
    // Of a later version, what this one knows.
    EXPECT_EQ(traceIdOf(traceparentFor("01" + kParent.substr(2) + "-more")), kTrace);
}

TEST(Trace, WhatIsNoneBeginsANewOne) {
    EXPECT_TRUE(isNew(traceparentFor("")));
    EXPECT_NE(traceparentFor(""), traceparentFor(""));
    for (const std::string& header :
         {std::string("nonsense"), "ff" + kParent.substr(2), kParent + "-more",
          kParent.substr(0, 54), std::string("00-") + std::string(32, '0') + kParent.substr(35),
          kParent.substr(0, 36) + std::string(16, '0') + "-01",
          "00-0AF7651916CD43DD8448EB211C80319C" + kParent.substr(35)}) {
        EXPECT_TRUE(isNew(traceparentFor(header))) << header;
    }
}

class TraceTest : public EdgeTest {
 protected:
    void SetUp() override {
        Config logging = config();
        logging.edge.logRequests = LogRequests::posts;
        start(std::move(logging));
    }
    // The traceparents that the ledger was given, since the last call.
    std::vector<std::string> heard() { return ledger.takeTraces(); }
};

TEST_F(TraceTest, GoesAlongToTheLedger) {
    const Answer answer = http({.method = "POST",
                                .target = "/v1/sites/demo/conversations",
                                .body = "{}",
                                .headers = {{"traceparent", kParent}}});
    const auto body = answer.json();
    const Opened opened{*ConversationId::parse(std::string(body.at("conversation").as_string())),
                        std::string(body.at("token").as_string()),
                        {}};
    auto traces = heard();
    ASSERT_EQ(traces.size(), 1U);
    EXPECT_EQ(traceIdOf(traces[0]), kTrace);
    http({.method = "POST",
          .target = opened.events(),
          .token = opened.token,
          .body = messageBody("secret words"),
          .headers = {{"traceparent", kParent}}});
    traces = heard();
    ASSERT_EQ(traces.size(), 1U);
    EXPECT_EQ(traceIdOf(traces[0]), kTrace);
    post(opened, "x");
    traces = heard();
    ASSERT_EQ(traces.size(), 1U);
    EXPECT_TRUE(isNew(traces[0]));
    SocketPeer peer(port(), opened.socket("1.3"));
    peer.sendText(messageBody("y"));
    ASSERT_TRUE(peer.receive());
    traces = heard();
    ASSERT_EQ(traces.size(), 1U);
    EXPECT_TRUE(isNew(traces[0]));

    const std::string log = logged();
    EXPECT_NE(log.find("call=open status=201 trace=" + std::string(kTrace) +
                       " conversation=" + opened.conversation.str()),
              std::string::npos)
        << log;
    EXPECT_NE(log.find("call=event status=201 trace=" + std::string(kTrace) +
                       " conversation=" + opened.conversation.str() + " draft="),
              std::string::npos)
        << log;
    EXPECT_EQ(log.find("secret"), std::string::npos) << log;
}

TEST_F(TraceTest, GoesAlongWithLiveSignals) {
    const Opened opened = open();
    const auto say = [&](const std::string& body, std::map<std::string, std::string> headers) {
        return http({.method = "POST",
                     .target = "/v1/conversations/" + opened.conversation.str() + "/live",
                     .token = opened.token,
                     .body = body,
                     .headers = std::move(headers)})
            .status;
    };
    // The user properties of the next signal that comes.
    const auto properties = [&]() -> std::vector<std::pair<std::string, std::string>> {
        std::vector<bus::Message> signals;
        if (!eventually([&] { return !(signals = ledger.takeSignals()).empty(); })) return {};
        return signals.back().userProperties;
    };
    ASSERT_EQ(say(R"({"typing":{"active":true}})", {{"traceparent", kParent}}), 204);
    const auto traced = properties();
    ASSERT_EQ(traced.size(), 1U);
    EXPECT_EQ(traced[0].first, "traceparent");
    EXPECT_EQ(traceIdOf(traced[0].second), kTrace);
    EXPECT_NE(traced[0].second, kParent);  // a span of the gateway's own
    ASSERT_EQ(say(R"({"read":{"seq":1}})", {}), 204);
    EXPECT_TRUE(properties().empty());

    SocketPeer peer(port(), opened.socket("1.1"), "parlor.v1.json", "", 0, kParent);
    peer.sendText(R"({"read":{"seq":1}})");
    const auto framed = properties();
    ASSERT_EQ(framed.size(), 1U);
    EXPECT_EQ(traceIdOf(framed[0].second), kTrace);
}

}  // namespace
}  // namespace parlor::gateway::test
