#include "gateway/mailbox/live_state.h"

#include <gtest/gtest.h>

#include "gateway/mailbox/visitor_json.h"

namespace parlor::gateway::test {
namespace {

LiveSignalRef signal(const std::string& party, const v1::Live& live) {
    return std::make_shared<const LiveSignal>(LiveSignal{party, live, liveMembers(party, live)});
}
LiveSignalRef typing(const std::string& party, bool active) {
    v1::Live live;
    live.mutable_typing()->set_active(active);
    return signal(party, live);
}
LiveSignalRef read(const std::string& party, std::uint64_t seq) {
    v1::Live live;
    live.mutable_read()->set_seq(seq);
    return signal(party, live);
}
LiveSignalRef position(std::uint32_t at) {
    v1::Live live;
    live.mutable_queue_position()->set_position(at);
    return signal("ledger", live);
}

TEST(LiveState, TheNewestOfEachPartyAndKind) {
    LiveState state;
    state.apply(typing("alice", true), 1000);
    state.apply(position(3), 1001);
    state.apply(read("alice", 4), 1002);
    state.apply(read("alice", 3), 1003);  // overtaken
    state.apply(position(2), 1004);
    EXPECT_EQ(state.members(1005),
              R"("live":[{"from":{"kind":"agent","id":"alice"},"typing":{"active":true}},)"
              R"({"from":{"kind":"agent","id":"alice"},"read":{"seq":4}},)"
              R"({"from":{"kind":"system"},"queue_position":{"position":2,"expected_wait_s":0}}],)"
              R"("live_at":1004)");
}

TEST(LiveState, TypingEndsBySayingSoOrByItself) {
    LiveState state;
    state.apply(typing("alice", true), 1000);
    state.apply(typing("alice", false), 1001);
    EXPECT_EQ(state.members(1002), R"("live":[],"live_at":1001)");
    state.apply(typing("alice", true), 2000);
    EXPECT_EQ(state.current(2000 + LiveState::kTypingLifeMs - 1).size(), 1U);
    EXPECT_EQ(state.current(2000 + LiveState::kTypingLifeMs).size(), 0U);
}

TEST(LiveState, EveryChangeIsLaterThanTheOneBefore) {
    LiveState state;
    state.apply(position(2), 1000);
    state.apply(position(1), 1000);
    EXPECT_EQ(state.changedAtMs(), 1001);
    state.forgetQueuePosition(900);
    EXPECT_EQ(state.changedAtMs(), 1002);
    state.forgetQueuePosition(2000);  // there is none
    EXPECT_EQ(state.changedAtMs(), 1002);
}

TEST(LiveState, IsBounded) {
    LiveState state;
    for (int i = 0; i < 100; ++i) state.apply(typing("agent" + std::to_string(i), true), 1000);
    EXPECT_EQ(state.current(1000).size(), LiveState::kMaxItems);
}

}  // namespace
}  // namespace parlor::gateway::test
