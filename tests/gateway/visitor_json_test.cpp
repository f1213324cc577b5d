#include "gateway/mailbox/visitor_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/gateway/support/scripted_ledger.h"

namespace parlor::gateway::test {
namespace {

boost::json::object parsed(const v1::Event& event) {
    return boost::json::parse(eventJson(event)).as_object();
}

class VisitorJsonTest : public testing::Test {
 protected:
    v1::Event event = makeEvent(ConversationId::generate(), 3);
};

TEST_F(VisitorJsonTest, AMessageAsTheProtocolShowsIt) {
    event.set_recorded_at_ms(1'795'559'873'123);
    event.mutable_author()->set_name("Alice");
    event.set_request_id("01J0000000000000000000000A");
    EXPECT_EQ(eventJson(event),
              R"({"seq":3,"at":"2026-11-24T22:37:53.123Z",)"
              R"("from":{"kind":"agent","id":"alice","name":"Alice"},"type":"message",)"
              R"("request_id":"01J0000000000000000000000A","message":{"text":"text 3"}})");
}

TEST_F(VisitorJsonTest, EveryKind) {
    event.mutable_opened()->set_department("sales");
    event.mutable_opened()->mutable_visitor()->set_name("Li");
    event.mutable_opened()->mutable_visitor()->set_email("li@example.com");
    EXPECT_EQ(boost::json::serialize(parsed(event).at("opened")),
              R"({"department":"sales","visitor":{"name":"Li"}})");
    event.mutable_read()->set_seq(2);
    EXPECT_EQ(boost::json::serialize(parsed(event).at("read")), R"({"seq":2})");
    event.mutable_rating()->set_score(4);
    EXPECT_EQ(boost::json::serialize(parsed(event).at("rating")), R"({"score":4,"comment":""})");
    event.mutable_closed()->set_reason("done");
    EXPECT_EQ(boost::json::serialize(parsed(event).at("closed")), R"({"reason":"done"})");
    event.mutable_assigned()->set_agent("bob");
    event.mutable_assigned()->set_agent_name("Bob");
    EXPECT_EQ(boost::json::serialize(parsed(event).at("assigned")),
              R"({"agent":"bob","agent_name":"Bob"})");
}

TEST_F(VisitorJsonTest, EveryKindOfHandling) {
    event.mutable_opened()->set_department("sales");
    event.mutable_opened()->set_offline(true);
    EXPECT_EQ(boost::json::serialize(parsed(event).at("opened")),
              R"({"department":"sales","offline":true,"visitor":{"name":""}})");
    event.mutable_queued()->set_department("sales");
    event.mutable_queued()->set_reason("transferred");
    EXPECT_EQ(boost::json::serialize(parsed(event).at("queued")),
              R"({"department":"sales","reason":"transferred"})");
    event.mutable_released()->set_agent("bob");
    event.mutable_released()->set_reason("offline");
    EXPECT_EQ(boost::json::serialize(parsed(event).at("released")),
              R"({"agent":"bob","reason":"offline"})");
    event.mutable_joined()->set_agent("bob");
    event.mutable_joined()->set_agent_name("Bob");
    EXPECT_EQ(boost::json::serialize(parsed(event).at("joined")),
              R"({"agent":"bob","agent_name":"Bob"})");
    event.mutable_left()->set_agent("bob");
    EXPECT_EQ(boost::json::serialize(parsed(event).at("left")), R"({"agent":"bob"})");
    event.mutable_transferred()->set_from_agent("bob");
    event.mutable_transferred()->set_to_agent("carol");
    EXPECT_EQ(boost::json::serialize(parsed(event).at("transferred")),
              R"({"from_agent":"bob","to_agent":"carol","to_department":""})");
    event.mutable_reopened();
    EXPECT_EQ(boost::json::serialize(parsed(event).at("reopened")), "{}");
    EXPECT_EQ(parsed(event).at("type").as_string(), "reopened");
}

TEST_F(VisitorJsonTest, WhatIsNotForVisitorsIsNotShown) {
    event.mutable_note()->set_text("difficult customer");
    event.set_salt("salt");
    event.set_content_hash("hash");
    EXPECT_EQ(eventJson(event).find("difficult"), std::string::npos);
    EXPECT_EQ(eventJson(event).find("salt"), std::string::npos);
    EXPECT_EQ(parsed(event).at("type").as_string(), "unknown");
    event.mutable_offered()->set_agent("bob");
    EXPECT_EQ(eventJson(event).find("bob"), std::string::npos);
    event.mutable_declined()->set_agent("bob");
    EXPECT_EQ(eventJson(event).find("bob"), std::string::npos);
    event.clear_body();
    EXPECT_EQ(parsed(event).at("type").as_string(), "unknown");
}

TEST_F(VisitorJsonTest, TextIsEscaped) {
    event.mutable_message()->set_text("</script>\"\\\n\x01 你好");
    EXPECT_EQ(parsed(event).at("message").at("text").as_string(), "</script>\"\\\n\x01 你好");
}

TEST_F(VisitorJsonTest, LiveSignals) {
    v1::Live live;
    live.mutable_typing()->set_active(true);
    live.mutable_typing()->set_preview("what the agent is about to say");
    EXPECT_EQ(liveMembers("alice", live),
              R"("from":{"kind":"agent","id":"alice"},"typing":{"active":true})");
    live.mutable_queue_position()->set_position(2);
    live.mutable_queue_position()->set_expected_wait_s(90);
    EXPECT_EQ(liveMembers("ledger", live),
              R"("from":{"kind":"system"},"queue_position":{"position":2,"expected_wait_s":90})");
    live.clear_body();
    EXPECT_EQ(liveMembers("alice", live), "");
}

TEST(Rfc3339, Times) {
    EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(rfc3339(-1), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(rfc3339(1'709'164'799'007), "2024-02-28T23:59:59.007Z");
    EXPECT_EQ(rfc3339(1'709'251'199'000), "2024-02-29T23:59:59.000Z");
}

}  // namespace
}  // namespace parlor::gateway::test
