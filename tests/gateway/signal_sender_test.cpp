#include "gateway/session/signal_sender.h"

#include "tests/gateway/support/core_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;

class SignalSenderTest : public CoreTest {
 protected:
    void typing(const std::string& preview, const std::string& traceparent = "") {
        v1::Live live;
        live.mutable_typing()->set_active(true);
        live.mutable_typing()->set_preview(preview);
        signals.send(site, conversation, live, traceparent);
    }
    void read(std::uint64_t seq, const std::string& traceparent = "") {
        v1::Live live;
        live.mutable_read()->set_seq(seq);
        signals.send(site, conversation, live, traceparent);
    }
    // What has come since the last call: previews and read positions.
    std::vector<std::string> told() {
        settle();
        std::vector<std::string> all;
        for (const bus::Message& message : ledger.takeLive()) {
            const auto live = decode<v1::Live>(message.payload);
            all.push_back(live->has_typing() ? live->typing().preview()
                                             : std::to_string(live->read().seq()));
        }
        return all;
    }
    // The traces of what has come since the last call.
    std::vector<std::string> traces() {
        settle();
        std::vector<std::string> all;
        for (const bus::Message& message : ledger.takeLive()) {
            for (const auto& [name, value] : message.userProperties) {
                if (name == "traceparent") all.push_back(value);
            }
        }
        return all;
    }
    using Told = std::vector<std::string>;
    SignalSender signals{bus, wheel, stats};
};

TEST_F(SignalSenderTest, TheFirstAtOnceThenTheNewestOfEachKind) {
    typing("a");
    EXPECT_EQ(told(), Told{"a"});
    typing("ab");
    typing("abc");
    read(3);
    read(4);
    EXPECT_EQ(told(), Told{});
    advance(600ms);
    EXPECT_EQ(told(), (Told{"4", "abc"}));
    typing("abcd");  // within the next interval
    EXPECT_EQ(told(), Told{});
    advance(600ms);
    EXPECT_EQ(told(), Told{"abcd"});
    advance(600ms);
    EXPECT_EQ(signals.size(), 0U);
    typing("later");
    EXPECT_EQ(told(), Told{"later"});
}

TEST_F(SignalSenderTest, TheNewestBringsItsTrace) {
    typing("a", "t1");
    EXPECT_EQ(traces(), Told{"t1"});
    typing("ab", "t2");
    read(3, "r1");
    typing("abc", "t3");
    read(4);
    advance(600ms);
    EXPECT_EQ(traces(), Told{"t3"});  // what was read last came without one
    advance(600ms);
    typing("later");
    EXPECT_EQ(traces(), Told{});
}

TEST_F(SignalSenderTest, ConversationsDoNotWaitForEachOther) {
    typing("a");
    v1::Live live;
    live.mutable_typing()->set_preview("other");
    signals.send(site, ConversationId::generate(), live);
    EXPECT_EQ(told(), (Told{"a", "other"}));
}

}  // namespace
}  // namespace parlor::gateway::test
