// What becomes of messages: their way, what is retained, and who subscribed to them.

#include <gmock/gmock.h>

#include <set>

#include "tests/bus/conformance.h"
#include "tests/support/eventually.h"

namespace parlor::bus::test {
namespace {

using parlor::test::eventually;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

INSTANTIATE_TEST_SUITE_P(Bus, Conformance,
                         testing::Values(WorldKind::memory, WorldKind::paho, WorldKind::mosquitto),
                         [](const auto& param) { return name(param.param); });

TEST_P(Conformance, DeliversWhatIsPublished) {
    const auto alice = client("alice");
    const auto bob = client("bob");
    ASSERT_EQ(outcome(bob->subscribe({"a/b"})), "ok");
    ASSERT_EQ(outcome(alice->publish(text("a/b", "hello"))), "ok");
    ASSERT_EQ(outcome(alice->publish(text("a/c", "not for bob"))), "ok");
    const auto message = bob->next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->topic, "a/b");
    EXPECT_EQ(message->payload, "hello");
    EXPECT_EQ(message->qos, Qos::atLeastOnce);
    EXPECT_FALSE(message->retain);
    EXPECT_TRUE(bob->heardNothingElse());
    EXPECT_TRUE(alice->heardNothingElse());
}

TEST_P(Conformance, CarriesAnyBytes) {
    const auto alice = client("alice");
    ASSERT_EQ(outcome(alice->subscribe({"#"})), "ok");
    std::string bytes;
    for (int i = 0; i < 1000; ++i) bytes.push_back(static_cast<char>(i * 7));
    ASSERT_EQ(outcome(alice->publish(text("bytes/\xE4\xB8\xAD\xE6\x96\x87", bytes))), "ok");
    ASSERT_EQ(outcome(alice->publish(text("empty", ""))), "ok");
    EXPECT_EQ(alice->next().value_or(Message()).payload, bytes);
    EXPECT_EQ(alice->next().value_or(Message()).topic, "empty");
}

TEST_P(Conformance, CarriesTheProperties) {
    const auto alice = client("alice");
    ASSERT_EQ(outcome(alice->subscribe({"rpc/+"})), "ok");
    Message question = text("rpc/x", "?");
    question.expiry = seconds(30);
    question.responseTopic = "reply/alice";
    question.correlationData = std::string("\0\x01\xFF id", 6);
    question.userProperties = {{"traceparent", "00-1"}, {"k", "v"}, {"k", "again"}, {"none", ""}};
    ASSERT_EQ(outcome(alice->publish(question)), "ok");
    const auto message = alice->next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->responseTopic, question.responseTopic);
    EXPECT_EQ(message->correlationData, question.correlationData);
    EXPECT_EQ(message->userProperties, question.userProperties);
    EXPECT_GT(message->expiry, seconds(25));
    EXPECT_LE(message->expiry, seconds(30));
}

TEST_P(Conformance, DeliversAtTheLowerQos) {
    const auto alice = client("alice");
    ASSERT_EQ(outcome(alice->subscribe({"low"}, kLimit, Qos::atMostOnce)), "ok");
    ASSERT_EQ(outcome(alice->subscribe({"high"})), "ok");
    Message live = text("high", "live");
    live.qos = Qos::atMostOnce;
    ASSERT_EQ(outcome(alice->publish(text("low", "log"))), "ok");
    EXPECT_EQ(alice->next().value_or(Message()).qos, Qos::atMostOnce);
    ASSERT_EQ(outcome(alice->publish(live)), "ok");
    EXPECT_EQ(alice->next().value_or(text("", "")).qos, Qos::atMostOnce);
}

TEST_P(Conformance, SendsRetainedMessagesOnSubscribing) {
    const auto alice = client("alice");
    ASSERT_EQ(outcome(alice->publish(retained("q/sales/1", "first"))), "ok");
    ASSERT_EQ(outcome(alice->publish(retained("q/sales/1", "second"))), "ok");
    ASSERT_EQ(outcome(alice->publish(retained("q/help/2", "other"))), "ok");
    ASSERT_EQ(outcome(alice->publish(text("q/sales/3", "not retained"))), "ok");

    const auto bob = client("bob");
    ASSERT_EQ(outcome(bob->subscribe({"q/sales/+"})), "ok");
    const auto message = bob->next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->payload, "second");
    EXPECT_TRUE(message->retain);
    ASSERT_EQ(outcome(alice->publish(retained("q/sales/1", "third"))), "ok");
    const auto live = bob->next();
    ASSERT_TRUE(live);
    EXPECT_EQ(live->payload, "third");
    EXPECT_FALSE(live->retain) << "only what a subscription brings is marked";
    EXPECT_TRUE(bob->heardNothingElse());
}

TEST_P(Conformance, SendsRetainedMessagesAgainOnSubscribingAgain) {
    const auto alice = client("alice");
    ASSERT_EQ(outcome(alice->publish(retained("a", "1"))), "ok");
    ASSERT_EQ(outcome(alice->subscribe({"a"})), "ok");
    ASSERT_EQ(outcome(alice->subscribe({"a"})), "ok");
    EXPECT_THAT(alice->take(2), ElementsAre("a=1", "a=1"));
    ASSERT_EQ(outcome(alice->publish(text("a", "2"))), "ok");
    EXPECT_THAT(alice->take(1), ElementsAre("a=2"));
    EXPECT_TRUE(alice->heardNothingElse()) << "subscribed once for all that";
}

TEST_P(Conformance, EmptyPayloadClearsARetainedMessage) {
    const auto alice = client("alice");
    ASSERT_EQ(outcome(alice->subscribe({"q/+"})), "ok");
    ASSERT_EQ(outcome(alice->publish(retained("q/1", "waiting"))), "ok");
    ASSERT_EQ(outcome(alice->publish(retained("q/1", ""))), "ok");
    EXPECT_THAT(alice->take(2), ElementsAre("q/1=waiting", "q/1="));
    const auto bob = client("bob");
    ASSERT_EQ(outcome(bob->subscribe({"q/+"})), "ok");
    EXPECT_TRUE(bob->heardNothingElse());
}

TEST_P(Conformance, RetainedMessagesExpire) {
    const auto alice = client("alice");
    Message lease = retained("presence/1", "here");
    lease.expiry = seconds(1);
    Message longer = retained("presence/2", "here");
    longer.expiry = seconds(60);
    ASSERT_EQ(outcome(alice->publish(lease)), "ok");
    ASSERT_EQ(outcome(alice->publish(longer)), "ok");

    // Each try is a new client's: it sees either both, or only the one that has not expired.
    std::set<std::string> seen;
    int tries = 0;
    const bool expired = eventually([&] {
        const auto bob = client("bob" + std::to_string(++tries));
        seen.clear();
        EXPECT_EQ(outcome(bob->subscribe({"presence/+"})), "ok");
        EXPECT_EQ(outcome(bob->subscribe({"echo"})), "ok");
        EXPECT_EQ(outcome(bob->publish(text("echo", ""))), "ok");
        for (auto message = bob->next(); message; message = bob->next()) {
            if (message->topic == "echo") break;
            seen.insert(message->topic);
            EXPECT_GT(message->expiry, seconds(0));
            EXPECT_LE(message->expiry, seconds(60));
        }
        return seen.size() == 1;
    });
    EXPECT_TRUE(expired);
    EXPECT_THAT(seen, ElementsAre("presence/2"));
}

TEST_P(Conformance, MatchesWildcards) {
    const auto alice = client("alice");
    ASSERT_EQ(outcome(alice->subscribe({"one/+/end", "many/#", "+/exact"})), "ok");
    for (const char* topic : {"one/x/end", "one//end", "one/x/y/end", "one/end", "many", "many/a",
                              "many/a/b/c", "manyfold", "x/exact", "x/y/exact", "/exact"}) {
        ASSERT_EQ(outcome(alice->publish(text(topic, "."))), "ok") << topic;
    }
    EXPECT_THAT(alice->take(7), ElementsAre("one/x/end=.", "one//end=.", "many=.", "many/a=.",
                                            "many/a/b/c=.", "x/exact=.", "/exact=."));
    EXPECT_TRUE(alice->heardNothingElse());
}

TEST_P(Conformance, OverlappingFiltersDeliverAtLeastOnce) {
    const auto alice = client("alice");
    ASSERT_EQ(outcome(alice->subscribe({"c/1/#", "c/+/log"})), "ok");
    ASSERT_EQ(outcome(alice->publish(text("c/1/log", "x"))), "ok");
    ASSERT_EQ(outcome(alice->publish(text("c/2/log", "end"))), "ok");
    std::vector<std::string> topics;
    for (auto message = alice->next(); message; message = alice->next()) {
        topics.push_back(message->topic);
        if (message->payload == "end") break;
    }
    EXPECT_GE(topics.size(), 2U);
    EXPECT_LE(topics.size(), 3U);
    EXPECT_EQ(topics.front(), "c/1/log");
    EXPECT_EQ(topics.back(), "c/2/log");
}

TEST_P(Conformance, SharedSubscriptionGivesEachMessageToOneMember) {
    const auto alice = client("alice");
    const auto left = client("left");
    const auto right = client("right");
    const auto other = client("other");
    ASSERT_EQ(outcome(left->subscribe({"$share/ledger/in/+"})), "ok");
    ASSERT_EQ(outcome(right->subscribe({"$share/ledger/in/+"})), "ok");
    ASSERT_EQ(outcome(other->subscribe({"$share/audit/in/+"})), "ok");

    std::vector<std::string> sent;
    for (int i = 1; i <= 20; ++i) {
        sent.push_back("in/1=" + std::to_string(i));
        ASSERT_EQ(outcome(alice->publish(text("in/1", std::to_string(i)))), "ok");
    }
    EXPECT_EQ(other->take(20), sent) << "a group is served whatever another has had";
    auto got = left->takeAll();
    EXPECT_FALSE(got.empty());
    EXPECT_LT(got.size(), 20U) << "the members take turns";
    for (auto& message : right->takeAll()) got.push_back(std::move(message));
    EXPECT_THAT(got, testing::UnorderedElementsAreArray(sent));
}

TEST_P(Conformance, UnsubscribeStopsDelivery) {
    const auto alice = client("alice");
    ASSERT_EQ(outcome(alice->subscribe({"a", "b"})), "ok");
    ASSERT_EQ(outcome(alice->unsubscribe({"a", "never/subscribed"})), "ok");
    ASSERT_EQ(outcome(alice->publish(text("a", "1"))), "ok");
    ASSERT_EQ(outcome(alice->publish(text("b", "2"))), "ok");
    EXPECT_THAT(alice->take(1), ElementsAre("b=2"));
    EXPECT_TRUE(alice->heardNothingElse());
}

TEST_P(Conformance, KeepsTheOrder) {
    const auto alice = client("alice");
    const auto bob = client("bob");
    ASSERT_EQ(outcome(bob->subscribe({"log/#"})), "ok");
    constexpr int kCount = 2000;
    std::vector<std::string> sent;
    for (int i = 0; i < kCount; ++i) {
        const std::string topic = "log/" + std::to_string(i % 3);
        sent.push_back(topic + "=" + std::to_string(i));
        Answer answer;
        alice->bus().publish(text(topic, std::to_string(i)), answer.handler(),
                             Clock::now() + kLimit);
        if (i % 50 == 49) {  // so that the queue is never full: that is another test's matter
            ASSERT_EQ(outcome(*answer.wait(kLimit)), "ok");
        }
    }
    EXPECT_EQ(bob->take(kCount), sent);
}

TEST_P(Conformance, ManyFilters) {
    const auto alice = client("alice");
    const auto bob = client("bob");
    std::vector<std::string> filters;
    for (int i = 0; i < 1234; ++i) filters.push_back("c/" + std::to_string(i) + "/out/#");
    ASSERT_EQ(outcome(bob->publish(retained("c/1200/out/log", "head"))), "ok");
    ASSERT_EQ(outcome(alice->subscribe(filters)), "ok");
    EXPECT_THAT(alice->take(1), ElementsAre("c/1200/out/log=head"));
    world_->cut();
    ASSERT_TRUE(alice->disconnects());
    world_->restore();
    ASSERT_TRUE(alice->connects());
    EXPECT_THAT(alice->take(1), ElementsAre("c/1200/out/log=head"));
    ASSERT_TRUE(bob->disconnects());
    ASSERT_TRUE(bob->connects());
    for (const int i : {0, 99, 100, 1233}) {
        const auto topic = "c/" + std::to_string(i) + "/out/log";
        ASSERT_EQ(outcome(bob->publish(text(topic, "1"))), "ok");
        EXPECT_THAT(alice->take(1), ElementsAre(topic + "=1"));
    }
    ASSERT_EQ(outcome(alice->unsubscribe(filters)), "ok");
    ASSERT_EQ(outcome(bob->publish(text("c/7/out/log", "1"))), "ok");
    EXPECT_TRUE(alice->heardNothingElse());
}

}  // namespace
}  // namespace parlor::bus::test
