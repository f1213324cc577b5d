// What nobody should send: put aside, counted, and everybody else goes on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::IsEmpty;

class HostileTest : public testing::Test {
 protected:
    HostileTest() {
        observer_.subscribe({"parlor/+/c/+/+/log", "parlor/+/reply/#"});
        observer_.take();
    }

    // Sends it, and an honest message after it: then the first one has been seen.
    void sendAndSettle(bus::Message message) {
        gateway_.client().publish(std::move(message));
        ASSERT_TRUE(gateway_.post(conversation_, rating(5)).has_recorded());
        world_.broker().drain();
    }
    bool dropped(Drop why, double times = 1) {
        return eventually([&] { return world_.ledger().metrics().droppedSoFar(why) == times; });
    }
    std::uint64_t head() { return gateway_.history(conversation_).history().head_seq(); }

    World world_;
    Sender gateway_{world_.broker()};
    Client observer_{world_.broker(), "observer"};
    const ConversationId conversation_ = world_.open(gateway_);
};

TEST_F(HostileTest, GarbageIsDroppedAndCounted) {
    for (const auto* payload : {"\xff\xff\xff", "{\"drafts\":[]}", "\x0a\xff\xff\xff\xff\x7f"}) {
        auto message = gateway_.postMessage(conversation_, {test::message("x")});
        message.payload = payload;
        sendAndSettle(message);
    }
    auto request = gateway_.requestMessage(topics::Method::history, {});
    request.payload = "\xff";
    sendAndSettle(request);
    request = gateway_.requestMessage(topics::Method::open, {});
    request.payload = "\xff";
    sendAndSettle(request);
    EXPECT_TRUE(dropped(Drop::garbage, 5));
    EXPECT_EQ(head(), 6U);  // opened and five ratings
}

TEST_F(HostileTest, NobodyMakesTheLedgerWriteElsewhere) {
    const std::vector<std::string> elsewhere{
        "",
        "parlor/shop/reply/alice/client",                     // another caller
        "parlor/other/reply/gateway/client",                  // another site
        "parlor/shop/c/" + conversation_.str() + "/out/log",  // not a reply topic
        "parlor/shop/reply/gateway",
        "somewhere",
    };
    for (const auto& topic : elsewhere) {
        auto message = gateway_.postMessage(conversation_, {test::message("x")});
        message.responseTopic = topic;
        observer_.take();
        sendAndSettle(message);
        // Only the rating that followed: its event, and the receipt.
        EXPECT_EQ(observer_.take().size(), 2U) << topic;
    }
    auto history = gateway_.requestMessage(topics::Method::history, {});
    history.responseTopic = "parlor/shop/reply/alice/client";
    sendAndSettle(history);
    EXPECT_TRUE(dropped(Drop::responseTopic, 7));
}

TEST_F(HostileTest, AnAgentCannotHaveAnswersSentToAnother) {
    Sender alice(world_.broker(), kAlice);
    auto message = alice.postMessage(conversation_, {accept()});
    message.responseTopic = "parlor/shop/reply/bob/client";
    sendAndSettle(message);
    EXPECT_TRUE(dropped(Drop::responseTopic));
    EXPECT_EQ(head(), 2U);
}

TEST_F(HostileTest, CorrelationDataIsNeededAndShort) {
    for (const auto& data : {std::string(), std::string(65, 'x')}) {
        auto message = gateway_.postMessage(conversation_, {test::message("x")});
        message.correlationData = data;
        sendAndSettle(message);
    }
    EXPECT_TRUE(dropped(Drop::correlation, 2));
    auto longest = gateway_.postMessage(conversation_, {test::message("x")});
    longest.correlationData = std::string(64, '\0');
    gateway_.client().publish(longest);
    EXPECT_TRUE(gateway_.answerTo(longest).has_post());
}

TEST_F(HostileTest, TopicsThatAreNotTopicsAreDropped) {
    for (const auto* topic : {"parlor/SHOP/c/x/in/visitor", "parlor/shop/rpc/nonsense/gateway",
                              "parlor/shop/c/01J00000000000000000000000/in/agent/gateway"}) {
        auto message = gateway_.postMessage(conversation_, {test::message("x")});
        message.topic = topic;
        sendAndSettle(message);
    }
    EXPECT_TRUE(dropped(Drop::topic, 3));
}

TEST_F(HostileTest, TextThatIsNotUtf8IsDropped) {
    // Protobuf itself refuses it in a proto3 string, so the whole post does not parse.
    auto message = gateway_.postMessage(conversation_, {test::message("AAAA")});
    const auto at = message.payload.find("AAAA");
    message.payload.replace(at, 4, "\xc3\x28\xff\xfe");
    sendAndSettle(message);
    EXPECT_TRUE(dropped(Drop::garbage));
    EXPECT_EQ(head(), 2U);
}

TEST_F(HostileTest, ReadingPastTheNewestEventIsRefused) {
    EXPECT_EQ(gateway_.post(conversation_, read(2)).failure().code(), v1::ERROR_CODE_MALFORMED);
    EXPECT_TRUE(gateway_.post(conversation_, read(1)).has_recorded());
}

TEST_F(HostileTest, TooMuchIsToldToComeBack) {
    World::Options options;
    options.ledger.intake.queue.bytes = 1;
    World small(options);
    Sender gateway(small.broker());
    const auto answer = gateway.open(openRequest());
    EXPECT_EQ(answer.failure().code(), v1::ERROR_CODE_OVERLOADED);
    EXPECT_GT(answer.failure().retry_after_ms(), 0U);
    const auto receipt = gateway.post(ConversationId::generate(), test::message("x"));
    EXPECT_EQ(receipt.failure().code(), v1::ERROR_CODE_OVERLOADED);
    EXPECT_EQ(small.ledger().metrics().droppedSoFar(Drop::overloaded), 2);
}

}  // namespace
}  // namespace parlor::ledger::test
