// What only a real broker shows: its death, its refusals, its limits, TLS.

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <stdexcept>

#include "tests/bus/adapters.h"
#include "tests/bus/test_client.h"
#include "tests/support/eventually.h"
#include "tests/support/free_port.h"
#include "tests/support/mosquitto.h"
#include "tests/support/tcp_proxy.h"

namespace parlor::bus::test {
namespace {

using parlor::test::eventually;
using parlor::test::freePort;
using parlor::test::Mosquitto;
using parlor::test::TcpProxy;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

MqttOptions optionsFor(std::vector<std::string> servers, std::string clientId = "alice") {
    MqttOptions options;
    options.servers = std::move(servers);
    options.clientId = std::move(clientId);
    options.backoffMax = milliseconds(200);
    return options;
}

using MqttBus = AdapterTest;

TEST_P(MqttBus, NeedsGoodServers) {
    EXPECT_THROW(make({}), std::invalid_argument);
    for (const char* bad : {"", "localhost", "localhost:1883", "http://localhost:80", "tcp://:1",
                            "tcp://localhost", "tcp://localhost:", "tcp://localhost:x"}) {
        EXPECT_THROW(make(optionsFor({"tcp://127.0.0.1:1", bad})), std::invalid_argument) << bad;
    }
}

TEST_P(MqttBus, ComesBackAfterTheBrokerWasKilled) {
    Mosquitto broker;
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    ASSERT_EQ(outcome(alice.subscribe({"a/+"})), "ok");
    for (int round = 0; round < 2; ++round) {
        broker.kill9();
        ASSERT_TRUE(alice.disconnects());
        EXPECT_EQ(outcome(alice.publish(text("a/x", "lost"), milliseconds(50))), "unavailable");
        broker.start();
        ASSERT_TRUE(alice.connects());
        ASSERT_EQ(outcome(alice.publish(text("a/x", "again"))), "ok");
        EXPECT_THAT(alice.take(1), ElementsAre("a/x=again"));
    }
    EXPECT_TRUE(alice.heardNothingElse());
}

TEST_P(MqttBus, WhatWasSentAndNotConfirmedIsUnavailableWhenTheConnectionGoes) {
    Mosquitto broker;
    TcpProxy line(broker.port());
    TestClient alice(make(optionsFor({line.address()})));
    ASSERT_TRUE(alice.connects());
    line.stall();
    std::vector<Answer> answers(5);
    for (auto& answer : answers) {
        alice.bus().publish(text("a", "x"), answer.handler(), Clock::now() + seconds(60));
    }
    EXPECT_FALSE(answers.back().wait(milliseconds(100))) << "nobody has confirmed it";
    line.cut();
    for (auto& answer : answers) EXPECT_EQ(outcome(*answer.wait(kLimit)), "unavailable");
    EXPECT_TRUE(alice.disconnects());
}

TEST_P(MqttBus, TriesItsServersInTurn) {
    Mosquitto first;
    Mosquitto second;
    const std::string nobody = "tcp://127.0.0.1:" + std::to_string(freePort());
    TestClient alice(make(optionsFor({nobody, first.address(), second.address()})));
    ASSERT_TRUE(alice.connects());
    EXPECT_THAT(first.log(), HasSubstr("as alice"));
    EXPECT_THAT(second.log(), testing::Not(HasSubstr("as alice")));
    first.kill9();
    ASSERT_TRUE(alice.disconnects());
    ASSERT_TRUE(alice.connects());
    EXPECT_THAT(second.log(), HasSubstr("as alice"));
    first.start();
    second.kill9();
    ASSERT_TRUE(alice.disconnects());
    ASSERT_TRUE(alice.connects()) << "the list begins again";
}

TEST_P(MqttBus, GivesUpAServerThatDoesNotAnswer) {
    Mosquitto deaf;
    Mosquitto good;
    TcpProxy line(deaf.port());
    line.stall();
    auto options = optionsFor({line.address(), good.address()});
    options.connectTimeout = milliseconds(2500);
    TestClient alice(make(options));
    ASSERT_TRUE(alice.connects());
    EXPECT_THAT(good.log(), HasSubstr("as alice"));
}

TEST_P(MqttBus, WrongPasswordKeepsTryingAndSaysWhy) {
    Mosquitto broker({.users = {{"alice", "secret"}}});
    auto options = optionsFor({broker.address()});
    options.username = "alice";
    options.password = "guess";
    TestClient alice(make(options));
    const auto result = alice.publish(text("a", "x"), seconds(3));
    ASSERT_EQ(outcome(result), "unavailable");
    EXPECT_THAT(result.error().text, HasSubstr("not authorized"));
    EXPECT_THAT(result.error().text, testing::Not(HasSubstr("guess")));
    EXPECT_EQ(alice.nextConnectFailure(), "forbidden");
    EXPECT_EQ(alice.nextConnectFailure(), "forbidden") << "it keeps trying";

    options.password = "secret";
    options.clientId = "alice2";
    TestClient right(make(options));
    EXPECT_TRUE(right.connects());
}

// Mosquitto's ACL file never refuses a subscription (it only delivers nothing); its dynamic
// security plugin does.
std::string rights(const std::vector<std::string>& subscribable) {
    std::string acls;
    for (const auto& filter : subscribable) {
        acls += R"({"acltype":"subscribePattern","topic":")" + filter + R"(","allow":true},)";
    }
    return R"({"defaultACLAccess":{"publishClientSend":true,"publishClientReceive":true,)"
           R"("subscribe":false,"unsubscribe":true},"anonymousGroup":"all","clients":[],)"
           R"("groups":[{"groupname":"all","roles":[{"rolename":"role"}]}],)"
           R"("roles":[{"rolename":"role","acls":[)" +
           acls + R"({"acltype":"publishClientSend","topic":"closed/#","allow":false}]}]})";
}

Mosquitto::Options guarded() {
    return {
        .config = "plugin " PARLOR_DYNAMIC_SECURITY "\nplugin_opt_config_file {dir}/rights.json\n",
        .files = {{"rights.json", rights({"open/#", "echo/#"})}}};
}

TEST_P(MqttBus, SaysThatNobodyIsThere) {
    TestClient alice(make(optionsFor({"tcp://127.0.0.1:" + std::to_string(freePort())})));
    EXPECT_EQ(alice.nextConnectFailure(), "unavailable");
}

TEST_P(MqttBus, RefusalsAreForbidden) {
    Mosquitto broker(guarded());
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    EXPECT_EQ(outcome(alice.subscribe({"closed/#"})), "forbidden");
    EXPECT_EQ(outcome(alice.subscribe({"open/1", "closed/#", "open/2"})), "forbidden");
    EXPECT_EQ(outcome(alice.subscribe({"closed/1", "closed/2", "open/3", "closed/3"})),
              "forbidden");
    EXPECT_EQ(outcome(alice.publish(text("open/2", "x"))), "ok");
    EXPECT_EQ(outcome(alice.publish(text("open/3", "x"))), "ok");
    EXPECT_THAT(alice.take(2), ElementsAre("open/2=x", "open/3=x"))
        << "what was granted beside is kept";
    broker.restart();
    ASSERT_TRUE(alice.disconnects());
    ASSERT_TRUE(alice.connects()) << "what was refused is not tried again";
    EXPECT_TRUE(alice.heardNothingElse());
}

// Debian's Mosquitto closes the connection after it has refused a publication.
TEST_P(MqttBus, ARefusedPublicationIsForbiddenAndNoMore) {
    Mosquitto broker(guarded());
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    ASSERT_EQ(outcome(alice.subscribe({"open/#"})), "ok");
    EXPECT_EQ(outcome(alice.publish(text("closed/1", "x"))), "forbidden");
    EXPECT_TRUE(eventually([&] { return alice.publish(text("open/1", "x")).has_value(); }));
    EXPECT_THAT(alice.take(1), ElementsAre("open/1=x"));
}

TEST_P(MqttBus, AFilterThatIsForbiddenLaterIsDropped) {
    Mosquitto broker(guarded());
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    ASSERT_EQ(outcome(alice.subscribe({"open/1", "open/2"})), "ok");
    broker.stop();
    broker.dir().write("rights.json", rights({"open/1", "echo/#"}));
    broker.start();
    ASSERT_TRUE(alice.disconnects());
    ASSERT_TRUE(alice.connects());
    ASSERT_EQ(outcome(alice.publish(text("open/2", "x"))), "ok");
    ASSERT_EQ(outcome(alice.publish(text("open/1", "x"))), "ok");
    EXPECT_THAT(alice.take(1), ElementsAre("open/1=x"));
}

TEST_P(MqttBus, ABrokerThatDoesNotAnswerMeansDeadlines) {
    Mosquitto broker;
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    ASSERT_EQ(outcome(alice.subscribe({"kept"})), "ok");
    broker.freeze();
    EXPECT_EQ(outcome(alice.publish(text("a", "x"), milliseconds(50))), "no answer in time");
    EXPECT_EQ(outcome(alice.subscribe({"late", "kept"}, milliseconds(50))), "no answer in time");
    EXPECT_EQ(outcome(alice.unsubscribe({"kept"}, milliseconds(50))), "no answer in time");
    broker.thaw();
    ASSERT_EQ(outcome(alice.publish(text("late", "not subscribed: it was given up"))), "ok");
    ASSERT_EQ(outcome(alice.publish(text("kept", "unsubscribed"))), "ok");
    EXPECT_TRUE(alice.heardNothingElse());
}

TEST_P(MqttBus, StopDoesNotWaitForADeafBroker) {
    Mosquitto broker;
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    broker.freeze();
    Answer answer;
    alice.bus().publish(text("a", "x"), answer.handler(), Clock::now() + seconds(60));
    const auto start = Clock::now();
    alice.bus().stop(Clock::now() + milliseconds(100));
    EXPECT_LT(Clock::now() - start, seconds(5));
    EXPECT_EQ(outcome(*answer.wait(seconds(0))), "unavailable");
    broker.thaw();
}

// How many of this process's TCP connections to `port` wait with small packets (Nagle's algorithm).
int waitingConnections(std::uint16_t port) {
    int waiting = 0;
    for (int fd = 0; fd < 1024; ++fd) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
        if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) continue;
        int noDelay = 0;
        socklen_t length = sizeof noDelay;
        ::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &noDelay, &length);
        waiting += noDelay == 0 ? 1 : 0;
    }
    return waiting;
}

TEST_P(MqttBus, SendsWithoutDelay) {
    Mosquitto broker;
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    EXPECT_EQ(waitingConnections(broker.port()), 0);
    broker.restart();
    ASSERT_TRUE(alice.disconnects());
    ASSERT_TRUE(alice.connects());
    EXPECT_EQ(waitingConnections(broker.port()), 0);
}

// Mosquitto closes the connection of a client that sends more than its Receive Maximum.
TEST_P(MqttBus, RespectsTheBrokersReceiveMaximum) {
    Mosquitto broker({.config = "max_inflight_messages 3\n"});
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    ASSERT_EQ(outcome(alice.subscribe({"a"})), "ok");
    std::atomic<int> good{0};
    std::atomic<int> bad{0};
    std::vector<std::string> sent;
    for (int i = 0; i < 1000; ++i) {
        sent.push_back("a=" + std::to_string(i));
        alice.bus().publish(
            text("a", std::to_string(i)),
            [&](const Expected<void>& result) { ++(result ? good : bad); },
            Clock::now() + seconds(60));
    }
    EXPECT_TRUE(eventually([&] { return good + bad == 1000; }, seconds(60)));
    EXPECT_EQ(bad, 0);
    EXPECT_EQ(alice.take(1000), sent);
}

TEST_P(MqttBus, RefusesPacketsThatTheBrokerDoesNotTake) {
    Mosquitto broker({.config = "max_packet_size 2000\n"});
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    EXPECT_EQ(outcome(alice.publish(text("a", std::string(3000, 'x')))), "too large");
    EXPECT_EQ(outcome(alice.publish(text("a", std::string(1000, 'x')))), "ok");
}

// More than a socket takes at once: nothing may be stuck in between.
TEST_P(MqttBus, LargeMessagesFlow) {
    Mosquitto broker;
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    ASSERT_EQ(outcome(alice.subscribe({"a"})), "ok");
    std::atomic<int> good{0};
    constexpr int kCount = 40;
    for (int i = 0; i < kCount; ++i) {
        alice.bus().publish(
            text("a", std::string(500 * 1024, static_cast<char>('a' + i % 26))),
            [&](const Expected<void>& result) { good += result ? 1 : 0; },
            Clock::now() + seconds(60));
    }
    for (int i = 0; i < kCount; ++i) {
        const auto message = alice.next();
        ASSERT_TRUE(message) << i;
        EXPECT_EQ(message->payload.size(), 500U * 1024);
        EXPECT_EQ(message->payload[1000], 'a' + i % 26);
    }
    EXPECT_TRUE(eventually([&] { return good == kCount; }));
}

TEST_P(MqttBus, SubscribesTenThousandFiltersAgain) {
    Mosquitto broker;
    TestClient alice(make(optionsFor({broker.address()})));
    ASSERT_TRUE(alice.connects());
    std::vector<std::string> filters;
    for (int i = 0; i < 10000; ++i) filters.push_back("c/" + std::to_string(i) + "/out/#");
    ASSERT_EQ(outcome(alice.subscribe(filters, seconds(60))), "ok");
    broker.kill9();
    ASSERT_TRUE(alice.disconnects());
    broker.start();
    ASSERT_TRUE(alice.connects());
    for (const int i : {0, 4999, 9999}) {
        const auto topic = "c/" + std::to_string(i) + "/out/log";
        ASSERT_EQ(outcome(alice.publish(text(topic, "x"))), "ok");
        EXPECT_THAT(alice.take(1), ElementsAre(topic + "=x"));
    }
}

TEST_P(MqttBus, TheNewerOfTwoWithOneIdStays) {
    Mosquitto broker;
    auto patient = optionsFor({broker.address()});
    patient.backoffMin = patient.backoffMax = seconds(60);
    auto first = std::make_unique<TestClient>(make(patient));
    ASSERT_TRUE(first->connects());
    TestClient second(make(patient));
    ASSERT_TRUE(second.connects());
    EXPECT_TRUE(first->disconnects());
    first.reset();
    EXPECT_EQ(outcome(second.publish(text("a", "x"))), "ok");
}

INSTANTIATE_TEST_SUITE_P(Adapters, MqttBus, everyAdapter(), adapterName);

}  // namespace
}  // namespace parlor::bus::test
