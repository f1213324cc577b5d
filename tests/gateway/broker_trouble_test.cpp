// A gateway on a real Mosquitto that dies and comes back.

#include <chrono>

#include "bus/mqtt_bus.h"
#include "tests/gateway/support/edge_test.h"
#include "tests/support/mosquitto.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;
using parlor::test::Mosquitto;

std::unique_ptr<bus::DrivenBus> onBroker(std::vector<std::string> servers,
                                         const std::string& client) {
    return bus::makeDrivenMosquittoBus({.servers = std::move(servers),
                                        .clientId = client,
                                        .backoffMin = 10ms,
                                        .backoffMax = 200ms});
}

class BrokerTroubleTest : public testing::Test {
 protected:
    void start(const std::vector<std::string>& servers) {
        ledger = std::make_unique<AutoLedger>(bus::makeThreaded(onBroker(servers, "ledger")));
        app = std::make_unique<App>(
            EdgeTest::config(),
            [servers](const ClientId& client) { return onBroker(servers, client.str()); },
            [](const std::string&) {});
        app->start();
        ASSERT_TRUE(eventually([this] { return app->notReady().empty(); }, 30s));
    }
    Answer http(const Ask& ask) { return test::http(app->endpoint().port(), ask, 30s); }
    Opened open() {
        const Answer answer =
            http({.method = "POST", .target = "/v1/sites/demo/conversations", .body = "{}"});
        EXPECT_EQ(answer.status, 201) << answer.body;
        const auto body = answer.json();
        return {*ConversationId::parse(std::string(body.at("conversation").as_string())),
                std::string(body.at("token").as_string()),
                {}};
    }
    Answer post(const Opened& opened) {
        return http({.method = "POST",
                     .target = opened.events(),
                     .token = opened.token,
                     .body = R"({"request_id":")" + RequestId::generate().str() +
                             R"(","message":{"text":"x"}})"});
    }
    std::int64_t parked() const {
        return app->stats()[0]->parked[static_cast<std::size_t>(Transport::longPoll)].value();
    }
    void expectReadiness(int status) {
        EXPECT_TRUE(eventually([&] { return http({.target = "/readyz"}).status == status; }, 30s));
    }

    std::unique_ptr<AutoLedger> ledger;
    std::unique_ptr<App> app;
};

TEST_F(BrokerTroubleTest, ParkedReadersOutliveTheBrokersDeath) {
    constexpr std::size_t kReaders = 20;
    Mosquitto broker;
    start({broker.address()});
    std::vector<Opened> conversations;
    std::vector<std::unique_ptr<HttpPeer>> readers;
    for (std::size_t i = 0; i < kReaders; ++i) {
        conversations.push_back(open());
        readers.push_back(std::make_unique<HttpPeer>(app->endpoint().port()));
        readers.back()->send(
            formatRequest({.target = conversations.back().events("?after=1.1&wait=60"),
                           .token = conversations.back().token}));
    }
    ASSERT_TRUE(eventually([&] { return parked() == kReaders; }, 30s));

    broker.kill9();
    expectReadiness(503);
    const Answer refused = post(conversations[0]);
    EXPECT_EQ(refused.status, 503);
    EXPECT_FALSE(refused.header("retry-after").empty());
    EXPECT_EQ(parked(), static_cast<std::int64_t>(kReaders));
    // Recorded meanwhile; the broker that comes back has forgotten every retained message.
    for (std::size_t i = 0; i < kReaders / 2; ++i) {
        ledger->say(conversations[i].conversation, "meanwhile");
    }
    broker.start();
    expectReadiness(200);
    for (std::size_t i = kReaders / 2; i < kReaders; ++i) {
        ledger->say(conversations[i].conversation, "afterwards");
    }
    for (std::size_t i = 0; i < kReaders; ++i) {
        const Answer answer = readers[i]->receive(true, 60s);
        ASSERT_EQ(answer.status, 200) << i << answer.body;
        EXPECT_EQ(answer.json().at("cursor").as_string(), "1.2") << i;
        EXPECT_FALSE(answer.json().contains("gap")) << i;
    }
    EXPECT_EQ(post(conversations[0]).status, 201);
}

TEST_F(BrokerTroubleTest, TheNextBrokerOfTheListTakesOver) {
    Mosquitto first;
    Mosquitto second;
    start({first.address(), second.address()});
    const Opened opened = open();
    HttpPeer reader(app->endpoint().port());
    reader.send(
        formatRequest({.target = opened.events("?after=1.1&wait=60"), .token = opened.token}));
    ASSERT_TRUE(eventually([&] { return parked() == 1; }, 30s));
    first.stop();
    expectReadiness(200);
    EXPECT_TRUE(eventually([&] { return post(opened).status == 201; }, 30s));
    EXPECT_EQ(reader.receive(true, 60s).json().at("cursor").as_string(), "1.2");
}

}  // namespace
}  // namespace parlor::gateway::test
