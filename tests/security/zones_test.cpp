// Two zones and the bridge between them: what crosses, what does not, and what an outside broker
// that was taken over can do. Both ways of broker-config/zones.

#include <boost/algorithm/string/replace.hpp>

#include "tests/security/fake_broker.h"
#include "tests/security/hostile_test.h"
#include "tests/support/eventually.h"

namespace parlor::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

enum class Way { bridge, gate };
std::ostream& operator<<(std::ostream& out, Way way) {
    return out << (way == Way::bridge ? "bridge" : "gate");
}
std::string wayName(const testing::TestParamInfo<Way>& info) {
    return testing::PrintToString(info.param);
}

// The inside broker, joined to whatever listens at `outside`.
class Inside {
 public:
    Inside(Way way, const std::string& outside, const std::string& outsidePassword) {
        const auto fill = [&](std::string config) {
            boost::replace_all(config, "@OUTSIDE_ADDRESS@", outside);
            boost::replace_all(config, "@OUTSIDE_PASSWORD@", outsidePassword);
            return config;
        };
        SecuredBroker::Options options{.zone = "inside"};
        if (way == Way::bridge) options.config = fill(brokerConfig("zones/bridge.conf.in"));
        broker_.emplace(options);
        if (way == Way::bridge) return;
        auto config = fill(brokerConfig("zones/gate.conf.in"));
        boost::replace_all(config, "@INSIDE_ADDRESS@", broker_->hostAndPort());
        boost::replace_all(config, "@INSIDE_PASSWORD@", broker_->account("bridge").password);
        boost::replace_all(config, "@GATE_PORT@", "@PORT@");
        boost::replace_all(config, "@USER@", "root");
        gate_.emplace(dir_, "gate", config);
    }

    SecuredBroker& broker() { return *broker_; }
    std::optional<BrokerProcess>& gate() { return gate_; }

 private:
    const TempDir dir_;
    std::optional<SecuredBroker> broker_;
    std::optional<BrokerProcess> gate_;
};

// An account that may do everything, to see or do what nobody should be able to.
RawClient almighty(const SecuredBroker& broker) {
    auto admin = broker.client("parlor-admin");
    admin.subscribe("$CONTROL/dynamic-security/v1/response");
    admin.publish({.topic = "$CONTROL/dynamic-security/v1", .payload = R"({"commands":[
        {"command":"createRole","rolename":"almighty","acls":[
          {"acltype":"publishClientSend","topic":"#","allow":true},
          {"acltype":"publishClientReceive","topic":"#","allow":true},
          {"acltype":"subscribePattern","topic":"#","allow":true}]},
        {"command":"createClient","username":"almighty","password":"almighty",
         "roles":[{"rolename":"almighty"}]}]})"});
    admin.next();
    return RawClient(broker.port(), {.username = "almighty", .password = "almighty"});
}

class Zones : public testing::TestWithParam<Way> {
 protected:
    // Until something sent at one side arrives at the other; both directions are subscribed by
    // then.
    void awaitBridge() {
        auto ledger = inside_.broker().client("ledger");
        auto gateway = outside_.client("gateway");
        ledger.subscribe("$share/ledger/parlor/+/rpc/+/+");
        gateway.subscribe("parlor/+/reply/gateway/probe");
        EXPECT_TRUE(eventually([&] {
            gateway.publish({.topic = "parlor/demo/rpc/status/gateway"});
            return !ledger.received().empty();
        }));
        EXPECT_TRUE(eventually([&] {
            ledger.publish({.topic = "parlor/demo/reply/gateway/probe"});
            return !gateway.received().empty();
        }));
        // What is still under way.
        gateway.publish({.topic = "parlor/demo/rpc/open/gateway"});
        while (ledger.next().topic != "parlor/demo/rpc/open/gateway") {
        }
        ledger.publish({.topic = "parlor/demo/reply/gateway/probe", .payload = "last"});
        while (gateway.next().payload != "last") {
        }
    }

    SecuredBroker outside_{SecuredBroker::Options{.zone = "outside"}};
    Inside inside_{GetParam(), outside_.hostAndPort(), outside_.account("bridge").password};
};

TEST_P(Zones, PostsCrossInWithAllThatBelongsToThem) {
    awaitBridge();
    auto ledger = inside_.broker().client("ledger");
    ledger.subscribe("$share/ledger/parlor/+/c/+/in/visitor");
    auto gateway = outside_.client("gateway");
    gateway.publish({.topic = conversationTopic("demo", "in/visitor"),
                     .payload = "hello",
                     .expiry = 30,
                     .responseTopic = "parlor/demo/reply/gateway/gw-1",
                     .correlationData = "post 1"});
    const auto post = ledger.next();
    EXPECT_EQ(post.topic, conversationTopic("demo", "in/visitor"));
    EXPECT_EQ(post.payload, "hello");
    EXPECT_EQ(post.responseTopic, "parlor/demo/reply/gateway/gw-1");
    EXPECT_EQ(post.correlationData, "post 1");
    ASSERT_TRUE(post.expiry);
    EXPECT_LE(*post.expiry, 30U);
    EXPECT_GE(*post.expiry, 20U);
    EXPECT_FALSE(post.retain);
}

TEST_P(Zones, PresenceStaysRetainedInside) {
    awaitBridge();
    auto alice = inside_.broker().client("alice");
    ASSERT_EQ(alice.subscribe(conversationTopic("demo", "#")), reason::kGrantedQos1);
    outside_.client("gateway").publish({.topic = conversationTopic("demo", "in/presence"),
                                        .payload = "here",
                                        .retain = true,
                                        .expiry = 90});
    EXPECT_EQ(alice.next().payload, "here");
    auto bob = inside_.broker().client("bob");
    ASSERT_EQ(bob.subscribe(conversationTopic("demo", "#")), reason::kGrantedQos1);
    const auto presence = bob.next();
    EXPECT_TRUE(presence.retain);
    EXPECT_EQ(presence.payload, "here");
    ASSERT_TRUE(presence.expiry);
    EXPECT_LE(*presence.expiry, 90U);
}

TEST_P(Zones, EventsAndReceiptsCrossOut) {
    awaitBridge();
    auto gateway = outside_.client("gateway");
    ASSERT_EQ(gateway.subscribe(conversationTopic("demo", "out/#")), reason::kGrantedQos1);
    ASSERT_EQ(gateway.subscribe("parlor/+/reply/gateway/gw-1"), reason::kGrantedQos1);
    auto ledger = inside_.broker().client("ledger");
    ledger.publish({.topic = conversationTopic("demo", "out/log"),
                    .payload = "event 1",
                    .retain = true,
                    .expiry = 604800});
    EXPECT_EQ(gateway.next().payload, "event 1");
    ledger.publish({.topic = "parlor/demo/reply/gateway/gw-1",
                    .payload = "receipt",
                    .expiry = 60,
                    .correlationData = "post 1"});
    const auto receipt = gateway.next();
    EXPECT_EQ(receipt.payload, "receipt");
    EXPECT_EQ(receipt.correlationData, "post 1");
    EXPECT_TRUE(receipt.expiry);
    // Whoever comes later has the newest event.
    auto late = outside_.client("gateway");
    ASSERT_EQ(late.subscribe(conversationTopic("demo", "out/#")), reason::kGrantedQos1);
    const auto event = late.next();
    EXPECT_TRUE(event.retain);
    EXPECT_EQ(event.payload, "event 1");
    EXPECT_TRUE(event.expiry);
}

TEST_P(Zones, StaffTopicsNeverCrossOut) {
    awaitBridge();
    auto spy = almighty(outside_);
    ASSERT_EQ(spy.subscribe("#"), reason::kGrantedQos1);
    std::set<std::string> mayCross;
    for (const std::string site : {"demo", "shop"}) {
        for (const auto* rest : {"out/log", "out/live/ledger"}) {
            mayCross.insert(conversationTopic(site, rest));
        }
        mayCross.insert("parlor/" + site + "/d/general");
        mayCross.insert("parlor/" + site + "/reply/gateway/gw-1");
    }
    for (const auto* agent : {"alice", "bob", "mallory"}) {
        mayCross.insert(conversationTopic("demo", std::string("out/live/") + agent));
    }
    mayCross.insert(conversationTopic("shop", "out/live/carol"));

    sendEverything(inside_.broker(), "gateway");
    // Sent last, and behind all others on its way.
    inside_.broker().client("ledger").publish({.topic = "parlor/demo/reply/gateway/last"});
    std::set<std::string> crossed;
    for (;;) {
        const auto message = spy.next();
        if (message.topic == "parlor/demo/reply/gateway/last") break;
        if (message.topic.starts_with("parlor/")) crossed.insert(message.topic);
    }
    EXPECT_THAT(crossed, ElementsAreArray(mayCross));
}

TEST_P(Zones, OnlyWhatVisitorsSayCrossesIn) {
    awaitBridge();
    auto spy = almighty(inside_.broker());
    ASSERT_EQ(spy.subscribe("parlor/#"), reason::kGrantedQos1);
    spy.received();
    // The outside broker's rights were lifted; its bridge still asks for no more than it should.
    auto intruder = almighty(outside_);
    std::set<std::string> mayCross;
    for (const std::string site : {"demo", "shop"}) {
        for (const auto* rest : {"in/visitor", "in/live", "in/presence"}) {
            mayCross.insert(conversationTopic(site, rest));
        }
        for (const auto* method : {"open", "history", "status", "transcript"}) {
            mayCross.insert("parlor/" + site + "/rpc/" + method + "/gateway");
        }
    }
    for (const auto& topic : everyTopicThereIs()) intruder.publish({.topic = topic});
    intruder.publish({.topic = conversationTopic("last", "in/live")});
    std::set<std::string> crossed;
    for (;;) {
        const auto message = spy.next();
        if (message.topic == conversationTopic("last", "in/live")) break;
        crossed.insert(message.topic);
    }
    EXPECT_THAT(crossed, ElementsAreArray(mayCross));
}

TEST_P(Zones, AfterTheOutsideBrokerLostItsStateItIsThereAgain) {
    awaitBridge();
    inside_.broker().client("ledger").publish(
        {.topic = "parlor/demo/d/general", .payload = "open", .retain = true});
    outside_.process().stop();
    outside_.forgetRetained();
    outside_.process().start();
    auto gateway = outside_.client("gateway");
    ASSERT_EQ(gateway.subscribe("parlor/demo/d/+"), reason::kGrantedQos1);
    const auto state = gateway.next();
    EXPECT_EQ(state.payload, "open");
    awaitBridge();
}

INSTANTIATE_TEST_SUITE_P(Both, Zones, testing::Values(Way::bridge, Way::gate), wayName);

TEST(Gate, JudgesWhatATakenOverBrokerSendsByTheRightsOfABridge) {
    FakeBroker outside;
    Inside inside(Way::gate, "127.0.0.1:" + std::to_string(outside.port()), "x");
    outside.awaitBridge();
    auto spy = almighty(inside.broker());
    ASSERT_EQ(spy.subscribe("parlor/#"), reason::kGrantedQos1);
    // The gate has its second connection when something arrives.
    ASSERT_TRUE(eventually([&] {
        outside.publish({.topic = conversationTopic("demo", "in/live"), .payload = "first"});
        return !spy.received().empty();
    }));
    for (const auto& topic : everyTopicThereIs()) {
        outside.publish({.topic = topic, .payload = "forged", .retain = true});
    }
    outside.publish({.topic = conversationTopic("demo", "in/live"), .payload = "last"});
    std::set<std::string> arrived;
    for (;;) {
        const auto message = spy.next();
        if (message.payload == "last") break;
        arrived.insert(message.topic);
    }
    for (const auto& topic : arrived) {
        const bool visitors = topic.find("/in/visitor") != std::string::npos ||
                              topic.find("/in/live") != std::string::npos ||
                              topic.find("/in/presence") != std::string::npos ||
                              topic.ends_with("/gateway");
        EXPECT_TRUE(visitors) << topic;
        EXPECT_EQ(topic.find("/reply/"), std::string::npos) << topic;
    }
}

TEST(Gate, HasAGatewaysRightsInsideAndTheirMirrorOutside) {
    const SecuredBroker inside(SecuredBroker::Options{.zone = "inside"});
    auto gate = inside.client("bridge");
    for (const auto* rest : {"in/agent/alice", "out/log", "staff/log"}) {
        EXPECT_EQ(gate.publish({.topic = conversationTopic("demo", rest)}), reason::kNotAuthorized);
    }
    EXPECT_EQ(gate.publish({.topic = conversationTopic("demo", "in/visitor")}),
              reason::kNoMatchingSubscribers);
    EXPECT_EQ(gate.subscribe("parlor/+/c/+/out/#"), reason::kGrantedQos1);
    EXPECT_EQ(gate.subscribe("parlor/+/c/+/staff/log"), reason::kNotAuthorized);
    EXPECT_EQ(gate.subscribe("parlor/+/q/+/+"), reason::kNotAuthorized);

    const SecuredBroker outside(SecuredBroker::Options{.zone = "outside"});
    auto mirror = outside.client("bridge");
    EXPECT_EQ(mirror.publish({.topic = conversationTopic("demo", "out/log")}),
              reason::kNoMatchingSubscribers);
    EXPECT_EQ(mirror.publish({.topic = conversationTopic("demo", "in/visitor")}),
              reason::kNotAuthorized);
    EXPECT_EQ(mirror.subscribe("parlor/+/c/+/in/visitor"), reason::kGrantedQos1);
    EXPECT_EQ(mirror.subscribe("parlor/+/c/+/out/#"), reason::kNotAuthorized);
    // No ledger and no agents there.
    EXPECT_FALSE(std::filesystem::exists(outside.passwordFile("ledger")));
    EXPECT_FALSE(std::filesystem::exists(outside.passwordFile("alice")));
}

TEST(Gate, LetsNobodySignIn) {
    FakeBroker outside;
    Inside inside(Way::gate, "127.0.0.1:" + std::to_string(outside.port()), "x");
    const auto port = inside.gate()->port();
    EXPECT_EQ(RawClient(port).connect({.anonymous = true}), reason::kNotAuthorized);
    EXPECT_EQ(RawClient(port).connect(inside.broker().account("ledger")), reason::kNotAuthorized);
}

}  // namespace
}  // namespace parlor::test
