// Connections that are lost and deadlines that pass, wills, the end, and who calls handlers.

#include <gmock/gmock.h>

#include <atomic>

#include "tests/bus/conformance.h"
#include "tests/support/eventually.h"

namespace parlor::bus::test {
namespace {

using parlor::test::eventually;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

TEST_P(Conformance, SubscribesAgainAfterALostConnection) {
    const auto alice = client("alice");
    const auto bob = client("bob");
    ASSERT_EQ(outcome(bob->publish(retained("kept/1", "state"))), "ok");
    ASSERT_EQ(outcome(alice->subscribe({"kept/#", "other"})), "ok");
    ASSERT_EQ(outcome(alice->unsubscribe({"other"})), "ok");
    EXPECT_THAT(alice->take(1), ElementsAre("kept/1=state"));

    world_->cut();
    EXPECT_TRUE(alice->disconnects());
    EXPECT_TRUE(bob->disconnects());
    world_->restore();
    EXPECT_TRUE(alice->connects());
    EXPECT_TRUE(bob->connects());

    EXPECT_THAT(alice->take(1), ElementsAre("kept/1=state")) << "retained messages come again";
    ASSERT_EQ(outcome(bob->publish(text("other", "unsubscribed"))), "ok");
    ASSERT_EQ(outcome(bob->publish(text("kept/2", "news"))), "ok");
    EXPECT_THAT(alice->take(1), ElementsAre("kept/2=news"));
    EXPECT_TRUE(alice->heardNothingElse());
}

TEST_P(Conformance, WithoutAConnectionEverythingEndsAtItsDeadline) {
    const auto alice = client("alice");
    ASSERT_EQ(outcome(alice->subscribe({"kept"})), "ok");
    world_->cut();
    ASSERT_TRUE(alice->disconnects());
    const auto start = Clock::now();
    EXPECT_EQ(outcome(alice->publish(text("kept", "lost"), milliseconds(100))), "unavailable");
    EXPECT_EQ(outcome(alice->subscribe({"a"}, milliseconds(100))), "unavailable");
    EXPECT_GE(Clock::now() - start, milliseconds(200));
    EXPECT_LT(Clock::now() - start, kLimit);
    EXPECT_EQ(outcome(alice->unsubscribe({"b"}, milliseconds(100))), "ok");
    world_->restore();
    ASSERT_TRUE(alice->connects());
    ASSERT_EQ(outcome(alice->publish(text("a", "for nobody"))), "ok");
    EXPECT_TRUE(alice->heardNothingElse()) << "what has failed is not done afterwards";
}

TEST_P(Conformance, WaitsForAConnection) {
    const auto alice = client("alice");
    world_->cut();
    ASSERT_TRUE(alice->disconnects());
    Answer subscribed;
    Answer published;
    Answer unwanted;
    alice->bus().subscribe({"a", "b"}, Qos::atLeastOnce, subscribed.handler(),
                           Clock::now() + kLimit);
    alice->bus().publish(text("a", "later"), published.handler(), Clock::now() + kLimit);
    alice->bus().unsubscribe({"b"}, unwanted.handler(), Clock::now() + kLimit);
    world_->restore();
    ASSERT_TRUE(alice->connects());
    EXPECT_EQ(outcome(*subscribed.wait(kLimit)), "ok");
    EXPECT_EQ(outcome(*published.wait(kLimit)), "ok");
    EXPECT_EQ(outcome(*unwanted.wait(kLimit)), "ok");
    EXPECT_THAT(alice->take(1), ElementsAre("a=later"));
    ASSERT_EQ(outcome(alice->publish(text("b", "unsubscribed"))), "ok");
    EXPECT_TRUE(alice->heardNothingElse());
}

TEST_P(Conformance, WorksBeforeTheFirstConnection) {
    world_->cut();
    TestClient alice(world_->makeClient("alice"));
    Answer subscribed;
    alice.bus().subscribe({"a"}, Qos::atLeastOnce, subscribed.handler(), Clock::now() + kLimit);
    EXPECT_EQ(outcome(alice.publish(text("a", "early"), milliseconds(50))), "unavailable");
    world_->restore();
    EXPECT_TRUE(alice.connects());
    EXPECT_EQ(outcome(*subscribed.wait(kLimit)), "ok");
    ASSERT_EQ(outcome(alice.publish(text("a", "now"))), "ok");
    EXPECT_THAT(alice.take(1), ElementsAre("a=now"));
}

TEST_P(Conformance, ADeadlineInThePastIsADeadline) {
    const auto alice = client("alice");
    EXPECT_EQ(outcome(alice->publish(text("a", ""), milliseconds(-1))), "no answer in time");
    EXPECT_EQ(outcome(alice->subscribe({"a"}, milliseconds(-1))), "no answer in time");
    EXPECT_TRUE(alice->heardNothingElse());
}

TEST_P(Conformance, AFullQueueIsOverloaded) {
    const auto alice = client("alice");
    world_->cut();
    ASSERT_TRUE(alice->disconnects());
    std::atomic<std::size_t> failed{0};
    for (std::size_t i = 0; i < world_->publishQueue(); ++i) {
        alice->bus().publish(
            text("a", "x"), [&](const Expected<void>&) { ++failed; }, Clock::now() + kLimit);
    }
    EXPECT_EQ(outcome(alice->publish(text("a", "one too many"))), "overloaded");
    EXPECT_EQ(failed, 0U);
    world_->restore();
    ASSERT_TRUE(alice->connects());
    EXPECT_TRUE(
        eventually([&] { return alice->publish(text("a", "there is room again")).has_value(); }));
}

TEST_P(Conformance, RefusesWhatIsNotMqtt) {
    const auto alice = client("alice");
    for (const char* topic : {"", "a/+", "#", "bad\x01", "bad\xC3"}) {
        EXPECT_EQ(outcome(alice->publish(text(topic, "x"))), "malformed") << topic;
    }
    EXPECT_EQ(outcome(alice->publish(text(std::string("nul\0", 4), "x"))), "malformed");
    for (const char* filter : {"", "a/#/b", "a#", "a/b+", "$share/g", "$share//a", "$share/+/a"}) {
        EXPECT_EQ(outcome(alice->subscribe({"good", filter})), "malformed") << filter;
    }
    Message message = text("a", "x");
    message.responseTopic = "reply/#";
    EXPECT_EQ(outcome(alice->publish(message)), "malformed");
    message.responseTopic.clear();
    message.userProperties = {{"k", "\xFF"}};
    EXPECT_EQ(outcome(alice->publish(message)), "malformed");
    message.userProperties.clear();
    message.payload.resize(1024 * 1024 + 1);
    EXPECT_EQ(outcome(alice->publish(message)), "too large");
    ASSERT_EQ(outcome(alice->publish(text("good", "and still connected"))), "ok");
    EXPECT_TRUE(alice->heardNothingElse());
}

TEST_P(Conformance, AnEmptyListOfFiltersIsDone) {
    const auto alice = client("alice");
    EXPECT_EQ(outcome(alice->subscribe({})), "ok");
    EXPECT_EQ(outcome(alice->unsubscribe({})), "ok");
}

TEST_P(Conformance, TheWillSpeaksForALostClient) {
    Message will = retained("status/alice", "offline");
    will.userProperties = {{"why", "lost"}};
    const auto bob = client("bob");
    ASSERT_EQ(outcome(bob->subscribe({"status/+"})), "ok");
    const auto alice = client("alice", will);
    ASSERT_EQ(outcome(alice->publish(retained("status/alice", "online"))), "ok");
    EXPECT_THAT(bob->take(1), ElementsAre("status/alice=online"));
    world_->cut();
    world_->restore();
    ASSERT_TRUE(bob->disconnects());
    ASSERT_TRUE(bob->connects());
    // Bob's own connection was cut as well: the will comes live, or as the retained message. Where
    // his was the first to be noticed, the old state comes before it.
    std::optional<Message> message;
    do message = bob->next();
    while (message && message->payload == "online");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->payload, "offline");
    EXPECT_EQ(message->userProperties, will.userProperties);
}

TEST_P(Conformance, TheWillIsSilentAfterStop) {
    const auto bob = client("bob");
    ASSERT_EQ(outcome(bob->subscribe({"status/+"})), "ok");
    const auto alice = client("alice", text("status/alice", "offline"));
    alice->stop();
    EXPECT_TRUE(bob->heardNothingElse());
}

TEST_P(Conformance, StopEndsAllHandlers) {
    const auto alice = client("alice");
    const auto bob = client("bob");
    ASSERT_EQ(outcome(alice->subscribe({"a"})), "ok");
    std::atomic<int> done{0};
    std::atomic<bool> stopped{false};
    std::atomic<bool> late{false};
    for (int i = 0; i < 200; ++i) {
        alice->bus().publish(
            text("a", "x"),
            [&](const Expected<void>&) {
                ++done;
                if (stopped) late = true;
            },
            Clock::now() + kLimit);
    }
    alice->stop();
    stopped = true;
    EXPECT_EQ(done, 200) << "all are done by then, one way or the other";
    const auto run = alice->handlersRun();
    ASSERT_EQ(outcome(bob->publish(text("a", "too late"))), "ok");
    ASSERT_TRUE(bob->heardNothingElse());
    EXPECT_EQ(alice->handlersRun(), run);
    EXPECT_FALSE(late);

    alice->stop();
    std::thread::id on;
    alice->bus().publish(
        text("a", "x"),
        [&](const Expected<void>& result) {
            on = std::this_thread::get_id();
            EXPECT_EQ(outcome(result), "unavailable");
        },
        Clock::now() + kLimit);
    EXPECT_EQ(on, std::this_thread::get_id()) << "after stop() it fails at once";
}

TEST_P(Conformance, StopWaitsForPublicationsUnderWay) {
    const auto bob = client("bob");
    ASSERT_EQ(outcome(bob->subscribe({"a"})), "ok");
    const auto alice = client("alice");
    std::vector<std::string> sent;
    for (int i = 0; i < 300; ++i) {
        sent.push_back("a=" + std::to_string(i));
        alice->bus().publish(text("a", std::to_string(i)), nullptr, Clock::now() + kLimit);
        if (i % 50 == 49) {
            ASSERT_EQ(outcome(alice->publish(text("pace", ""))), "ok");
        }
    }
    alice->stop();
    EXPECT_EQ(bob->take(300), sent);
}

TEST_P(Conformance, CanBeStoppedAtAnyTime) {
    {
        TestClient unstarted(world_->makeClient("a"));
    }
    world_->cut();
    TestClient waiting(world_->makeClient("b"));
    Answer answer;
    waiting.bus().publish(text("a", ""), answer.handler(), Clock::now() + kLimit);
    waiting.stop();
    EXPECT_EQ(outcome(*answer.wait(kLimit)), "unavailable");
}

TEST_P(Conformance, HandlersMayUseTheBus) {
    auto bus = world_->makeClient("echo");
    std::atomic<int> rounds{0};
    std::atomic<int> confirmed{0};
    const auto publishRound = [&](int round) {
        bus->publish(
            text("ping", std::to_string(round)),
            [&](const Expected<void>& result) { confirmed += result ? 1 : 0; },
            Clock::now() + kLimit);
    };
    bus->start({.onMessage =
                    [&](Message&& message) {
                        rounds = std::stoi(message.payload);
                        if (rounds < 100) publishRound(rounds + 1);
                    },
                .onState =
                    [&](State state) {
                        if (state != State::connected) return;
                        bus->subscribe(
                            {"ping"}, Qos::atLeastOnce,
                            [&](const Expected<void>&) { publishRound(1); }, Clock::now() + kLimit);
                    }});
    EXPECT_TRUE(eventually([&] { return confirmed == 100; }));
    EXPECT_EQ(rounds, 100);
    bus->stop(Clock::now() + kLimit);
}

TEST_P(Conformance, HandlersRunOneAtATime) {
    auto bus = world_->makeClient("busy");
    std::atomic<int> inside{0};
    std::atomic<bool> overlapped{false};
    std::atomic<int> calls{0};
    const auto guarded = [&] {
        if (++inside != 1) overlapped = true;
        std::this_thread::yield();
        --inside;
        ++calls;
    };
    std::atomic<bool> subscribed{false};
    bus->start({.onMessage = [&](Message&&) { guarded(); }, .onState = [&](State) { guarded(); }});
    bus->subscribe(
        {"x"}, Qos::atLeastOnce,
        [&](const Expected<void>& result) { subscribed = result.has_value(); },
        Clock::now() + kLimit);
    ASSERT_TRUE(eventually([&] { return subscribed.load(); }));
    const int before = calls;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) {
                bus->publish(
                    text("x", ""), [&](const Expected<void>&) { guarded(); },
                    Clock::now() + kLimit);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_TRUE(eventually([&] { return calls - before >= 160; })) << calls;
    bus->stop(Clock::now() + kLimit);
    EXPECT_FALSE(overlapped);
}

}  // namespace
}  // namespace parlor::bus::test
