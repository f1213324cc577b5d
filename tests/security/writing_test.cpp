// What an account may not write is refused with a reason code, and reaches nobody.

#include "tests/security/hostile_test.h"

namespace parlor::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> forbiddenToMallory() {
    const auto c = [](const std::string& rest) { return conversationTopic("demo", rest); };
    return {// As somebody else.
            c("in/agent/alice"), c("out/live/alice"), "parlor/demo/a/alice/status",
            "parlor/demo/rpc/history/alice", c("in/visitor"), c("in/live"), c("in/presence"),
            "parlor/demo/rpc/history/gateway", "parlor/demo/rpc/open/gateway",
            "parlor/demo/rpc/transcript/gateway", c("out/live/ledger"),
            // What only the ledger writes, its own share included.
            c("out/log"), c("staff/log"), "parlor/demo/q/general/" + kConversation,
            "parlor/demo/a/alice/c/" + kConversation, "parlor/demo/a/mallory/c/" + kConversation,
            "parlor/demo/d/general", "parlor/demo/reply/alice/desk",
            "parlor/demo/reply/gateway/gw-1", "parlor/demo/reply/mallory/desk",
            // Its own name at another site.
            conversationTopic("shop", "in/agent/mallory"),
            conversationTopic("shop", "out/live/mallory"), "parlor/shop/a/mallory/status",
            "parlor/shop/rpc/history/mallory",
            // Beside the grammar.
            c("in/agent/mallory/"), c("in/agent/mallory/x"), c("in/agent//mallory"), c("in/agent/"),
            c("in/agent/Mallory"), "/" + c("in/agent/mallory"), "PARLOR/demo/a/mallory/status",
            "parlor/demo/a/mallory/status/", "parlor/demo/rpc/mallory",
            "parlor/demo/rpc/a/b/mallory", "parlor/demo", "parlor", "mallory", "parlor/health",
            // The broker's own.
            "$SYS/broker/uptime", "$CONTROL/dynamic-security/v1", "$CONTROL/x", "$share/ledger/x"};
}

std::vector<std::string> forbiddenToGateway() {
    const auto c = [](const std::string& rest) { return conversationTopic("demo", rest); };
    return {c("in/agent/alice"),
            c("in/agent/gateway"),
            c("out/log"),
            c("out/live/gateway"),
            c("out/live/alice"),
            c("staff/log"),
            c("staff/x"),
            "parlor/demo/q/general/" + kConversation,
            "parlor/demo/a/alice/c/" + kConversation,
            "parlor/demo/a/alice/status",
            "parlor/demo/a/gateway/status",
            "parlor/demo/d/general",
            "parlor/demo/reply/gateway/gw-1",
            "parlor/demo/reply/alice/desk",
            "parlor/demo/rpc/history/alice",
            "parlor/demo/rpc/search/gateway",
            "parlor/demo/rpc/job/gateway",
            "parlor/demo/rpc/erase/gateway",
            "parlor/demo/rpc/report/gateway",
            "parlor/health",
            "$CONTROL/dynamic-security/v1",
            "$SYS/x"};
}

class Writing : public HostileTest {
 protected:
    // Whoever might be deceived, listening to all it may hear.
    std::vector<RawClient> audience() {
        std::vector<RawClient> all;
        all.push_back(listeningLedger());
        for (const auto* name : {"gateway", "alice", "carol"}) {
            all.push_back(broker_.client(name));
            for (const auto& filter : greedyFilters()) {
                if (!filter.starts_with("$share/")) all.back().subscribe(filter);
            }
            all.back().received();
        }
        return all;
    }

    void expectRefused(const std::string& account, const std::vector<std::string>& topics) {
        sendEverything(broker_);  // the retained state that a forgery would replace
        auto listeners = audience();
        auto hostile = broker_.client(account);
        for (const auto& topic : topics) {
            for (const bool retain : {false, true}) {
                EXPECT_EQ(hostile.publish({.topic = topic, .payload = "forged", .retain = retain}),
                          reason::kNotAuthorized)
                    << account << " wrote " << topic;
                hostile.send({.topic = topic, .payload = "forged", .qos = 0, .retain = retain});
            }
            // An empty retained message would clear the state.
            EXPECT_EQ(hostile.publish({.topic = topic, .payload = "", .retain = true}),
                      reason::kNotAuthorized);
        }
        hostile.received();
        for (auto& listener : listeners) EXPECT_THAT(topicsOf(listener.received()), IsEmpty());
        expectStateUntouched();
    }

    void expectStateUntouched() {
        auto ledger = broker_.client("ledger");
        for (const auto* filter : {"parlor/+/q/+/+", "parlor/+/a/+/c/+", "parlor/+/d/+"}) {
            ledger.subscribe(filter);
        }
        const auto state = ledger.received();
        EXPECT_THAT(state, SizeIs(2 + 4 + 2));  // queues, assignments, departments of two sites
        for (const auto& message : state) EXPECT_EQ(message.payload, "from ledger");
    }
};

TEST_P(Writing, AnAgentWritesUnderItsOwnNameOnly) {
    expectRefused("mallory", forbiddenToMallory());
}

TEST_P(Writing, AGatewayWritesWhatVisitorsSayOnly) {
    expectRefused("gateway", forbiddenToGateway());
}

TEST_P(Writing, WhatIsAllowedIsTaken) {
    // sendEverything() throws where anything is refused that should not be.
    EXPECT_THAT(sendEverything(broker_), SizeIs(2 * 13 + 4 * 6));
}

TEST_P(Writing, ATopicAliasDoesNotGetAroundIt) {
    auto ledger = listeningLedger();
    auto mallory = broker_.client("mallory");
    const auto own = conversationTopic("demo", "in/agent/mallory");
    EXPECT_EQ(mallory.publish({.topic = own, .payload = "1", .topicAlias = 1}), reason::kSuccess);
    EXPECT_EQ(mallory.publish({.topic = conversationTopic("demo", "in/agent/alice"),
                               .payload = "2",
                               .topicAlias = 1}),
              reason::kNotAuthorized);
    // The alias stands for a topic that was refused, or for the one before; never for a right.
    mallory.publish({.topic = "", .payload = "3", .topicAlias = 1});
    for (const auto& message : ledger.received()) EXPECT_EQ(message.topic, own);
}

PARLOR_BOTH_ACCOUNTS(Writing);

}  // namespace
}  // namespace parlor::test
