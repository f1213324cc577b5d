#include "bus/driven_bus.h"

#include <gtest/gtest.h>

#include "bus/doorbell.h"
#include "bus/memory_bus.h"
#include "bus/mqtt_bus.h"
#include "tests/support/mosquitto.h"

namespace parlor::bus {
namespace {

using std::chrono::seconds;

// A client that the test's own thread works, and that says something to itself.
class DrivenBusTest : public testing::Test {
 protected:
    void drive(std::unique_ptr<DrivenBus> driven) {
        bus = std::move(driven);
        bus->drive([this] { bell.ring(); });
        bus->start({.onMessage =
                        [this](Message&& message) {
                            EXPECT_TRUE(inTurn);
                            heard.push_back(message.payload);
                        },
                    .onState =
                        [this](State state) {
                            EXPECT_TRUE(inTurn);
                            connected = state == State::connected;
                        }});
    }
    bool until(const std::function<bool()>& done) {
        const auto limit = Clock::now() + seconds(30);
        while (!done() && Clock::now() < limit) {
            const auto next = bus->nextTurn();
            const auto ready = bell.wait(bus->socket().fd, bus->wantsToWrite(),
                                         next ? std::min(*next, limit) : limit);
            inTurn = true;
            bus->turn(ready.readable, ready.writable);
            inTurn = false;
        }
        return done();
    }
    DoneHandler note(bool& done) {
        return [this, &done](const Expected<void>& result) {
            EXPECT_TRUE(inTurn);
            EXPECT_TRUE(result) << result.error().text;
            done = true;
        };
    }
    void expectEcho(Qos qos) {
        const auto deadline = Clock::now() + seconds(30);
        bool subscribed = false;
        bool published = false;
        bus->subscribe({"a/+"}, Qos::atLeastOnce, note(subscribed), deadline);
        ASSERT_TRUE(until([&] { return subscribed; }));
        bus->publish({.topic = "a/b", .payload = "hello", .qos = qos}, note(published), deadline);
        EXPECT_TRUE(until([&] { return published && heard.size() == 1; }));
        EXPECT_EQ(heard, std::vector<std::string>{"hello"});
    }

    Doorbell bell;
    std::unique_ptr<DrivenBus> bus;
    bool inTurn = false;
    bool connected = false;
    std::vector<std::string> heard;
};

TEST_F(DrivenBusTest, TheBrokerInTheProcessOnItsOwnersThread) {
    MemoryBroker broker;
    drive(broker.makeDrivenClient("driven"));
    ASSERT_TRUE(until([&] { return connected; }));
    expectEcho(Qos::atLeastOnce);
    bus.reset();
}

TEST_F(DrivenBusTest, MosquittoOnItsOwnersThread) {
    test::Mosquitto broker;
    drive(makeDrivenMosquittoBus({.servers = {broker.address()}, .clientId = "driven"}));
    ASSERT_TRUE(until([&] { return connected; }));
    const auto first = bus->socket();
    expectEcho(Qos::atMostOnce);
    // Another connection is another socket, whatever its number.
    broker.kill9();
    ASSERT_TRUE(until([&] { return !connected; }));
    broker.start();
    ASSERT_TRUE(until([&] { return connected; }));
    EXPECT_NE(bus->socket(), first);
    bus->stop(Clock::now() + seconds(5));
    EXPECT_TRUE(bus->ended());
}

TEST_F(DrivenBusTest, ANameIsLookedUpMeanwhile) {
    test::Mosquitto broker;
    const auto address = broker.address();
    const auto port = address.substr(address.rfind(':'));
    drive(makeDrivenMosquittoBus(
        {.servers = {"tcp://no-such-host.invalid" + port, "tcp://localhost" + port},
         .clientId = "driven",
         .backoffMin = std::chrono::milliseconds(10),
         .backoffMax = std::chrono::milliseconds(50)}));
    ASSERT_TRUE(until([&] { return connected; }));
    expectEcho(Qos::atLeastOnce);
    bus.reset();
}

TEST_F(DrivenBusTest, EndsWhileANameIsLookedUp) {
    drive(makeDrivenMosquittoBus(
        {.servers = {"tcp://no-such-host.invalid:1"}, .clientId = "driven"}));
    bus->turn(false, false);
    bus->stop(Clock::now());
    EXPECT_TRUE(bus->ended());
    bus.reset();
}

}  // namespace
}  // namespace parlor::bus
