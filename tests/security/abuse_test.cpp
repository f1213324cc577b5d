// Too much, too large, or no MQTT at all: whoever does it is cut off or held back, and nobody else
// notices.

#include <algorithm>
#include <thread>

#include "tests/security/hostile_test.h"

namespace parlor::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AnyOf;
using testing::Each;
using testing::Le;
using testing::SizeIs;

constexpr std::size_t kMegabyte = 1024 * 1024;

class Abuse : public HostileTest {
 protected:
    // Posts of a visitor and an agent still reach the ledger, each soon.
    void expectOthersAreServed(RawClient& ledger) {
        auto gateway = broker_.client("gateway");
        auto alice = broker_.client("alice");
        for (int i = 0; i < kRounds; ++i) {
            const auto start = steady_clock::now();
            EXPECT_EQ(gateway.publish(
                          {.topic = conversationTopic("demo", "in/visitor"), .payload = "visitor"}),
                      reason::kSuccess);
            EXPECT_EQ(alice.publish({.topic = conversationTopic("demo", "in/agent/alice"),
                                     .payload = "alice"}),
                      reason::kSuccess);
            slowest_ = std::max(slowest_, steady_clock::now() - start);
        }
        const auto got = ledger.received();
        const auto from = [&](const char* who) {
            return std::count_if(got.begin(), got.end(),
                                 [&](const auto& message) { return message.payload == who; });
        };
        EXPECT_EQ(from("visitor"), kRounds);
        EXPECT_EQ(from("alice"), kRounds);
        EXPECT_LT(slowest_, milliseconds(2000));
    }

    static constexpr int kRounds = 50;
    steady_clock::duration slowest_{};
};

TEST_P(Abuse, AMebibyteIsTakenAndAByteMoreIsNot) {
    auto ledger = listeningLedger();
    const auto own = conversationTopic("demo", "in/agent/mallory");
    auto mallory = broker_.client("mallory");
    EXPECT_EQ(mallory.publish({.topic = own, .payload = std::string(kMegabyte, 'x')}),
              reason::kSuccess);
    EXPECT_EQ(ledger.next().payload.size(), kMegabyte);
    for (const auto size : {kMegabyte + 1, 2 * kMegabyte, 16 * kMegabyte}) {
        auto client = broker_.client("mallory");
        EXPECT_THAT(client.publish({.topic = own, .payload = std::string(size, 'x')}),
                    AnyOf(reason::kPacketTooLarge, reason::kClosed))
            << size;
    }
    EXPECT_THAT(ledger.received(), SizeIs(0));
    expectOthersAreServed(ledger);
}

TEST_P(Abuse, WhatIsNoMqttEndsTheConnection) {
    auto ledger = listeningLedger();
    const auto good =
        publishPacket({.topic = conversationTopic("demo", "in/agent/mallory"), .payload = "x"}, 7);
    std::vector<std::string> broken = {
        std::string("\xff\xff\xff\xff\xff\xff", 6),          // a length without an end
        std::string("\x30\xff\xff\xff\x7f", 5),              // 256 MB are announced
        std::string("\x00\x00", 2),                          // a reserved packet type
        std::string("\x36\x05\x00\x01x\x00\x01", 7),         // QoS 3
        std::string("\x80\x02\x00\x01", 4),                  // SUBSCRIBE with wrong flags
        std::string("\x82\x05\x00\x00\x00\x00\x00", 7),      // SUBSCRIBE without a packet id
        std::string("\x82\x06\x00\x01\x00\x00\x01\xff", 8),  // a filter that is not UTF-8
        "GET / HTTP/1.1\r\nHost: " + std::string(200, 'x') + "\r\n\r\n",
    };
    auto shortened = good;
    shortened[3] = '\x7f';  // a topic longer than its packet
    broken.push_back(shortened);
    auto wildcard = good;
    wildcard[10] = '#';  // a publication to a filter
    broken.push_back(wildcard);
    for (std::size_t i = 0; i < broken.size(); ++i) {
        SCOPED_TRACE(i);
        auto mallory = broker_.client("mallory");
        mallory.sendBytes(broken[i]);
        EXPECT_NE(mallory.awaitEnd(), reason::kSuccess) << i;
    }
    EXPECT_THAT(ledger.received(), SizeIs(0));
    expectOthersAreServed(ledger);
}

TEST_P(Abuse, AStrangerCannotAnnounceALargePacket) {
    const auto before = broker_.memory();
    std::vector<RawClient> strangers;
    constexpr int kStrangers = 20;
    for (int i = 0; i < kStrangers; ++i) {
        strangers.emplace_back(broker_.port());
        strangers.back().sendBytes(std::string("\x10\xff\xff\xff\x7f", 5) + std::string(1000, 'x'));
    }
    for (auto& stranger : strangers) EXPECT_EQ(stranger.awaitEnd(), reason::kClosed);
    EXPECT_LT(broker_.memory(), before + 16 * kMegabyte);
}

TEST_P(Abuse, AFloodHoldsUpNobodyElse) {
    auto ledger = listeningLedger();
    auto mallory = broker_.client("mallory");
    // Garbage as fast as it goes in, while others work. Bounded in number and time.
    constexpr int kMessages = 50'000;
    const auto end = steady_clock::now() + std::chrono::seconds(10);
    std::atomic<bool> enough = false;
    std::thread flood([&] {
        for (int i = 0; i < kMessages && !enough && steady_clock::now() < end; ++i) {
            mallory.send({.topic = conversationTopic("demo", "in/agent/mallory"),
                          .payload = std::string(200, '\xff'),
                          .qos = 0});
        }
    });
    expectOthersAreServed(ledger);
    enough = true;
    flood.join();
}

TEST_P(Abuse, WhoDoesNotReadCostsABoundedAmountOfMemory) {
    auto mallory = broker_.client("mallory");
    ASSERT_EQ(mallory.subscribe(conversationTopic("demo", "out/#")), reason::kGrantedQos1);
    auto alice = broker_.client("alice");
    ASSERT_EQ(alice.subscribe(conversationTopic("demo", "out/log")), reason::kGrantedQos1);
    const auto before = broker_.memory();
    // Mallory reads and confirms nothing from here on.
    auto ledger = broker_.client("ledger");
    constexpr std::size_t kMessages = 300;
    std::size_t delivered = 0;
    for (std::size_t i = 0; i < kMessages; ++i) {
        ASSERT_EQ(ledger.publish({.topic = conversationTopic("demo", "out/log"),
                                  .payload = std::string(kMegabyte, 'x')}),
                  reason::kSuccess);
        delivered += alice.received().size();
    }
    EXPECT_EQ(delivered, kMessages);
    // 300 MiB went through; one client is kept max_queued_bytes, 64 MiB, and what is in flight.
    EXPECT_LT(broker_.memory(), before + 160 * kMegabyte);
}

TEST_P(Abuse, ASessionLeftBehindGivesNobodyMore) {
    // Somebody who guesses a client's id may end its connection, but gets nothing of its session.
    auto alice = broker_.account("alice");
    alice.clientId = "alice-desk";
    RawClient victim(broker_.port(), alice);
    ASSERT_EQ(victim.subscribe("parlor/demo/reply/alice/desk"), reason::kGrantedQos1);
    auto thief = broker_.account("mallory");
    thief.clientId = "alice-desk";
    RawClient mallory(broker_.port(), thief);
    EXPECT_THAT(victim.awaitEnd(), AnyOf(reason::kTakenOver, reason::kClosed));
    auto ledger = broker_.client("ledger");
    ledger.publish({.topic = "parlor/demo/reply/alice/desk", .payload = "for alice"});
    EXPECT_THAT(mallory.received(), SizeIs(0));
}

PARLOR_BOTH_ACCOUNTS(Abuse);

}  // namespace
}  // namespace parlor::test
