#include "gateway/edge/bodies.h"

#include <gtest/gtest.h>

#include "gateway/edge/routes.h"

namespace parlor::gateway::test {
namespace {

constexpr const char* kId = "01J0000000000000000000000A";

std::string withId(const std::string& rest) {
    return std::string(R"({"request_id":")") + kId + "\"," + rest + "}";
}

Errc refusal(const std::string& body) {
    const auto draft = parseDraft(body);
    EXPECT_FALSE(draft) << body;
    return draft ? Errc::internal : draft.error().code;
}

TEST(Bodies, EveryKindOfDraft) {
    auto draft = parseDraft(withId(R"("message":{"text":"你好"})"));
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->request_id(), kId);
    EXPECT_EQ(draft->message().text(), "你好");
    draft = parseDraft(withId(R"("read":{"seq":12})"));
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->read().seq(), 12U);
    draft = parseDraft(withId(R"("rating":{"score":5,"comment":"good"})"));
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->rating().score(), 5U);
    EXPECT_EQ(draft->rating().comment(), "good");
    draft = parseDraft(withId(R"("close":{"reason":"done"})"));
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->close().reason(), "done");
    EXPECT_TRUE(parseDraft(withId(R"("close":{},"something":"new")")));
}

TEST(Bodies, WhatIsMalformed) {
    for (const std::string& body : {
             std::string(""),
             std::string("{"),
             std::string("[]"),
             std::string("null"),
             std::string("\"text\""),
             std::string("{}"),
             std::string("{} x"),
             std::string(R"({"message":{"text":"x"}})"),
             std::string(R"({"request_id":7,"message":{"text":"x"}})"),
             std::string(R"({"request_id":"short","message":{"text":"x"}})"),
             withId(R"("unknown":{})"),
             withId(R"("message":"x")"),
             withId(R"("message":{})"),
             withId(R"("message":{"text":""})"),
             withId(R"("message":{"text":7})"),
             withId(R"("message":{"text":"x"},"read":{"seq":1})"),
             withId(R"("read":{"seq":-1})"),
             withId(R"("read":{"seq":1.5})"),
             withId(R"("read":{})"),
             withId(R"("rating":{"score":0})"),
             withId(R"("rating":{"score":6})"),
             withId(R"("rating":{"score":4294967301})"),
             withId(R"("rating":{"score":"5"})"),
             withId("\"message\":{\"text\":\"\xff\xfe\"}"),
             withId("\"message\":{\"text\":\"\xed\xa0\x80\"}"),
             withId(R"("message":{"text":"\ud800"})"),
             withId("\"x\":" + std::string(17, '[') + std::string(17, ']')),
             withId("\"x\":" + std::string(30000, '[')),
         }) {
        EXPECT_EQ(refusal(body), Errc::malformed) << body.substr(0, 80);
    }
}

TEST(Bodies, LimitsOfText) {
    EXPECT_TRUE(parseDraft(withId(R"("message":{"text":")" + std::string(8192, 'x') + "\"}")));
    EXPECT_EQ(refusal(withId(R"("message":{"text":")" + std::string(8193, 'x') + "\"}")),
              Errc::tooLarge);
}

TEST(Bodies, Open) {
    const auto request = parseOpen(
        R"({"department":"sales","visitor":{"name":"Li","email":"li@example.com",
            "page_url":"https://x","page_title":"X","referrer":"r","locale":"zh-CN"}})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->department(), "sales");
    EXPECT_EQ(request->visitor().name(), "Li");
    EXPECT_EQ(request->visitor().email(), "li@example.com");
    EXPECT_EQ(request->visitor().locale(), "zh-CN");
    EXPECT_TRUE(parseOpen("{}"));
    for (const char* body : {"", "[]", R"({"department":7})", R"({"department":"Not A Name"})",
                             R"({"visitor":[]})", R"({"visitor":{"name":7}})"}) {
        EXPECT_FALSE(parseOpen(body)) << body;
    }
}

TEST(Bodies, Frames) {
    auto frame = parseFrame(R"({"typing":{"active":true,"preview":"hel"}})");
    ASSERT_TRUE(frame);
    const auto live = [](const ClientFrame& of) {
        return std::get<v1::Live>(std::get<VisitorSignal>(of));
    };
    EXPECT_TRUE(live(*frame).typing().active());
    EXPECT_EQ(live(*frame).typing().preview(), "hel");
    // With a request id it is to be recorded, without one it is a signal.
    frame = parseFrame(R"({"read":{"seq":7}})");
    ASSERT_TRUE(frame);
    EXPECT_EQ(live(*frame).read().seq(), 7U);
    frame = parseFrame(withId(R"("read":{"seq":7})"));
    ASSERT_TRUE(frame);
    EXPECT_EQ(std::get<v1::Draft>(*frame).read().seq(), 7U);
    frame = parseFrame(R"({"presence":{"state":"away","page_url":"https://x/"}})");
    ASSERT_TRUE(frame);
    const auto presence = std::get<v1::Presence>(std::get<VisitorSignal>(*frame));
    EXPECT_EQ(presence.state(), v1::Presence::STATE_AWAY);
    EXPECT_EQ(presence.page_url(), "https://x/");
    frame = parseFrame(withId(R"("message":{"text":"x"})"));
    ASSERT_TRUE(frame);
    EXPECT_EQ(std::get<v1::Draft>(*frame).message().text(), "x");
    // What has a request_id can be answered; what has none ends the connection.
    frame = parseFrame(withId(R"("message":{"text":""})"));
    ASSERT_TRUE(frame);
    EXPECT_EQ(std::get<BadDraft>(*frame).requestId, kId);
    for (const char* text : {"", "hello", "{}", R"({"typing":true})", R"({"typing":{}})",
                             R"({"typing":{"active":1}})", R"({"typing":{"active":true},"x":1})",
                             R"({"read":{"seq":-1}})", R"({"read":7})", R"({"presence":{}})",
                             R"({"presence":{"state":"gone"}})", R"({"message":{"text":"x"}})"}) {
        EXPECT_FALSE(parseFrame(text)) << text;
    }
}

TEST(Routes, ThoseOfTheGrammar) {
    const auto call = [](const char* text) {
        const auto target = Target::parse(text);
        EXPECT_TRUE(target) << text;
        const auto route = target->route();
        return route ? std::optional(std::pair(route->call, route->name)) : std::nullopt;
    };
    using Found = std::pair<Call, std::string>;
    EXPECT_EQ(call("/v1/sites/demo/conversations"), Found(Call::open, "demo"));
    EXPECT_EQ(call("/v1/conversations/X/events?after=1"), Found(Call::events, "X"));
    EXPECT_EQ(call("/v1/conversations/X/socket"), Found(Call::socket, "X"));
    EXPECT_EQ(call("/v1/requests/X"), Found(Call::request, "X"));
    EXPECT_EQ(call("/v1/requests/X/result"), Found(Call::result, "X"));
    EXPECT_EQ(call("/v1/conversations/X/transcript"), Found(Call::transcript, "X"));
    EXPECT_EQ(call("/healthz"), Found(Call::healthz, ""));
    for (const char* text :
         {"/", "/v1", "/v1/", "/v1/sites/demo", "/v1/conversations/X/events/", "/v2/requests/X",
          "/v1/conversations//events/x", "/healthz/", "/..//healthz", "/v1/requests/X/Y"}) {
        EXPECT_FALSE(call(text)) << text;
    }
    for (const char* text : {"", "x", "*", "http://x/healthz", "/a b", "/\xff", "/%zz"}) {
        EXPECT_FALSE(Target::parse(text)) << text;
    }
}

TEST(Routes, QueriesAreDecoded) {
    const auto target = Target::parse("/x?a=1%2E2&b&c=&a=3&wait=25&d=%E4%BD%A0");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->query("a"), "1.2");
    EXPECT_EQ(target->query("b"), std::nullopt);
    EXPECT_EQ(target->query("c"), "");
    EXPECT_EQ(target->query("d"), "你");
    EXPECT_EQ(target->wait(std::chrono::seconds(60)).value(), std::chrono::seconds(25));
    EXPECT_FALSE(target->wait(std::chrono::seconds(24)));
    for (const char* text :
         {"/x?wait=", "/x?wait=-1", "/x?wait=1s", "/x?wait=99999999999999999999"}) {
        EXPECT_FALSE(Target::parse(text)->wait(std::chrono::seconds(60))) << text;
    }
}

}  // namespace
}  // namespace parlor::gateway::test
