// What the account of `parlor-admin` may do towards the ledger: ask it, hear its own answers, say
// that an agent is offline. The name is nobody else's. Only the plugin knows that account; with
// access control files nobody may use the name at all.

#include "proto/topics.h"
#include "tests/security/hostile_test.h"

namespace parlor::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kReplies = "parlor/+/reply/parlor-admin/+";

std::string request(const std::string& site, const std::string& method) {
    return "parlor/" + site + "/rpc/" + method + "/parlor-admin";
}

std::vector<std::string> forbiddenToAdmin() {
    const auto c = [](const std::string& rest) { return conversationTopic("demo", rest); };
    return {// What only the ledger writes.
            c("out/log"), c("staff/log"), c("out/live/ledger"),
            "parlor/demo/q/general/" + kConversation, "parlor/demo/a/alice/c/" + kConversation,
            "parlor/demo/d/general", "parlor/demo/reply/parlor-admin/x",
            "parlor/demo/reply/alice/desk", "parlor/demo/reply/gateway/gw-1",
            // What agents and gateways say, and the administrator's own name among agents.
            c("in/agent/alice"), c("in/agent/parlor-admin"), c("out/live/alice"),
            c("out/live/parlor-admin"), c("in/visitor"), c("in/live"), c("in/presence"),
            // Requests in somebody else's name.
            "parlor/demo/rpc/directory/alice", "parlor/demo/rpc/erase/alice",
            "parlor/demo/rpc/history/gateway",
            // Beside the grammar.
            "parlor/demo/rpc/parlor-admin", "parlor/demo/rpc/a/b/parlor-admin",
            "parlor/demo/rpc/directory/parlor-admin/x", "parlor/rpc/directory/parlor-admin",
            "parlor/health", "$SYS/x", "$CONTROL/x"};
}

class AdminCaller : public HostileTest {};
class AdminsName : public HostileTest {};

TEST_P(AdminCaller, AsksByEveryMethodAtEverySiteAndHearsTheAnswer) {
    auto ledger = listeningLedger();
    auto admin = broker_.client("parlor-admin");
    ASSERT_EQ(admin.subscribe(kReplies), reason::kGrantedQos1);
    for (const std::string site : {"demo", "shop"}) {
        for (const auto method : topics::kMethods) {
            const auto topic = request(site, std::string(topics::name(method)));
            const auto replies = "parlor/" + site + "/reply/parlor-admin/console";
            EXPECT_EQ(admin.publish({.topic = topic,
                                     .payload = "question",
                                     .responseTopic = replies,
                                     .correlationData = topic}),
                      reason::kSuccess)
                << topic;
            const auto asked = ledger.next();
            EXPECT_EQ(asked.topic, topic);
            EXPECT_EQ(asked.responseTopic, replies);
            ledger.publish({.topic = asked.responseTopic,
                            .payload = "answer",
                            .correlationData = asked.correlationData});
            const auto answer = admin.next();
            EXPECT_EQ(answer.topic, replies);
            EXPECT_EQ(answer.correlationData, topic);
        }
    }
}

TEST_P(AdminCaller, WritesNothingElse) {
    sendEverything(broker_);
    auto ledger = listeningLedger();
    auto alice = broker_.client("alice");
    for (const auto& filter : greedyFilters()) {
        if (!filter.starts_with("$share/")) alice.subscribe(filter);
    }
    alice.received();
    auto admin = broker_.client("parlor-admin");
    for (const auto& topic : forbiddenToAdmin()) {
        for (const std::string payload : {"forged", ""}) {  // an empty one would clear the state
            EXPECT_EQ(admin.publish({.topic = topic, .payload = payload, .retain = true}),
                      reason::kNotAuthorized)
                << "parlor-admin wrote " << topic;
            admin.send({.topic = topic, .payload = payload, .qos = 0});
        }
    }
    admin.received();
    EXPECT_THAT(topicsOf(ledger.received()), IsEmpty());
    EXPECT_THAT(topicsOf(alice.received()), IsEmpty());
}

TEST_P(AdminCaller, HearsItsOwnAnswersOnly) {
    auto admin = broker_.client("parlor-admin");
    ASSERT_EQ(admin.subscribe(kReplies), reason::kGrantedQos1);
    for (const auto& filter : greedyFilters()) admin.subscribe(filter);
    for (const std::string filter :
         {"parlor/+/reply/+/+", "parlor/demo/reply/alice/+", "parlor/+/reply/gateway/+",
          "parlor/+/reply/parlor-admin/#", "parlor/+/rpc/+/parlor-admin", "parlor/+/c/+/out/log",
          "parlor/+/q/+/+", "parlor/+/a/+/status", "$share/mine/parlor/+/reply/+/+",
          "$share/ledger/parlor/+/rpc/+/+"}) {
        EXPECT_EQ(admin.subscribe(filter), reason::kNotAuthorized) << filter;
    }
    sendEverything(broker_);
    auto ledger = broker_.client("ledger");
    const std::string own = "parlor/demo/reply/parlor-admin/console";
    ledger.publish({.topic = own, .payload = "answer"});
    EXPECT_THAT(topicsOf(admin.received()), ElementsAre(own));
}

TEST_P(AdminsName, NobodyElseHasItsName) {
    auto ledger = listeningLedger();
    auto speaker = broker_.client("ledger");
    for (const auto* name : {"alice", "mallory", "gateway", "health"}) {
        auto client = broker_.client(name);
        for (const auto* method : {"directory", "erase", "transcript"}) {
            EXPECT_EQ(client.publish({.topic = request("demo", method), .payload = "forged"}),
                      reason::kNotAuthorized)
                << name;
        }
        // File-based access control lets everybody subscribe, and checks what is delivered.
        EXPECT_EQ(client.subscribe(kReplies),
                  dynsec() ? reason::kNotAuthorized : reason::kGrantedQos1)
            << name;
        speaker.publish({.topic = "parlor/demo/reply/parlor-admin/console", .payload = "secret"});
        EXPECT_THAT(client.received(), IsEmpty()) << name;
    }
    EXPECT_THAT(ledger.received(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Plugin, AdminCaller, testing::Values(Accounts::dynsec), accountsName);
PARLOR_BOTH_ACCOUNTS(AdminsName);

}  // namespace
}  // namespace parlor::test
