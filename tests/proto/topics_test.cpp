#include "proto/topics.h"

#include <gtest/gtest.h>

#include "bus/topic_filter.h"
#include "tests/proto/generator.h"

namespace parlor::topics {
namespace {

using test::Generator;

constexpr unsigned kSeeds = 40;

Topic randomTopic(Generator& random) {
    const auto site = *SiteId::parse(random.name(32, "-"));
    const auto conversation = ConversationId(random.ulid());
    const auto agent = random.id<AgentId>(64, "._-");
    const auto department = *DepartmentId::parse(random.name(32, "-"));
    switch (random.below(13)) {
        case 0:
            return VisitorIn{site, conversation};
        case 1:
            return AgentIn{site, conversation, agent};
        case 2:
            return LiveIn{site, conversation};
        case 3:
            return PresenceIn{site, conversation};
        case 4:
            return SharedLog{site, conversation};
        case 5:
            return LiveOut{site, conversation, random.id<PartyId>(64, "._-")};
        case 6:
            return StaffLog{site, conversation};
        case 7:
            return Queue{site, department, conversation};
        case 8:
            return AssignedTo{site, agent, conversation};
        case 9:
            return Status{site, agent};
        case 10:
            return Department{site, department};
        case 11:
            return Rpc{site, kMethods[random.below(kMethods.size())],
                       random.id<CallerId>(64, "._-")};
        default:
            return Reply{site, random.id<CallerId>(64, "._-"), random.id<ClientId>(64, "._-")};
    }
}

TEST(Topics, ParseIsTheInverseOfFormat) {
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Generator random(seed);
        for (int i = 0; i < 100; ++i) {
            const auto topic = randomTopic(random);
            const auto text = format(topic);
            const auto back = parse(text);
            ASSERT_TRUE(back) << text << ": " << back.error().text;
            ASSERT_TRUE(*back == topic) << text;
            ASSERT_TRUE(bus::isTopicName(text)) << text;
        }
    }
}

TEST(Topics, WhatParsesIsCanonical) {
    std::size_t parsed = 0;
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Generator random(seed);
        for (int i = 0; i < 300; ++i) {
            const auto text = random.mutated(format(randomTopic(random)));
            const auto topic = parse(text);
            if (!topic) {
                ASSERT_EQ(topic.error().code, Errc::malformed);
                ASSERT_FALSE(topic.error().text.empty());
                continue;
            }
            ++parsed;
            ASSERT_EQ(format(*topic), text);
        }
        for (int i = 0; i < 100; ++i) (void)parse(random.bytes(80));
    }
    EXPECT_GT(parsed, 100U) << "the mutations are too wild to test anything";
}

TEST(Topics, AreWhatTheGrammarSays) {
    const auto site = *SiteId::parse("shop");
    const auto conversation = *ConversationId::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    const auto agent = *AgentId::parse("alice");
    const auto department = *DepartmentId::parse("sales");
    const auto caller = *CallerId::parse("gateway");
    const std::string c = "parlor/shop/c/01ARZ3NDEKTSV4RRFFQ69G5FAV";
    const std::pair<Topic, std::string> expected[] = {
        {VisitorIn{site, conversation}, c + "/in/visitor"},
        {AgentIn{site, conversation, agent}, c + "/in/agent/alice"},
        {LiveIn{site, conversation}, c + "/in/live"},
        {PresenceIn{site, conversation}, c + "/in/presence"},
        {SharedLog{site, conversation}, c + "/out/log"},
        {LiveOut{site, conversation, *PartyId::parse("ledger")}, c + "/out/live/ledger"},
        {StaffLog{site, conversation}, c + "/staff/log"},
        {Queue{site, department, conversation}, "parlor/shop/q/sales/01ARZ3NDEKTSV4RRFFQ69G5FAV"},
        {AssignedTo{site, agent, conversation}, "parlor/shop/a/alice/c/01ARZ3NDEKTSV4RRFFQ69G5FAV"},
        {Status{site, agent}, "parlor/shop/a/alice/status"},
        {Department{site, department}, "parlor/shop/d/sales"},
        {Rpc{site, Method::open, caller}, "parlor/shop/rpc/open/gateway"},
        {Rpc{site, Method::history, caller}, "parlor/shop/rpc/history/gateway"},
        {Rpc{site, Method::status, caller}, "parlor/shop/rpc/status/gateway"},
        {Reply{site, caller, *ClientId::parse("gw-1")}, "parlor/shop/reply/gateway/gw-1"},
    };
    for (const auto& [topic, text] : expected) EXPECT_EQ(format(topic), text);
}

TEST(Topics, RefusesWhatIsNone) {
    const std::string c = "parlor/shop/c/01ARZ3NDEKTSV4RRFFQ69G5FAV";
    const std::vector<std::string> none = {
        "",
        "parlor",
        "parlor/",
        "parlor/shop",
        "parlor/shop/",
        "Parlor/shop/d/x",
        "parlor//d/x",
        "parlor/Shop/d/x",
        c,
        c + "/in",
        c + "/in/live/",
        c + "/in/agent",
        c + "/in/agent/gateway",
        c + "/in/agent/ledger",
        c + "/in/agent/a/b",
        c + "/out/live",
        c + "/staff/live",
        "parlor/shop/c/01arz3ndektsv4rrffq69g5fav/in/live",
        "parlor/shop/c/81ARZ3NDEKTSV4RRFFQ69G5FAV/in/live",
        "parlor/shop/a/alice/x",
        "parlor/shop/a/ledger/status",
        "parlor/shop/d/sales/x",
        "parlor/shop/rpc/drop/gateway",
        "parlor/shop/rpc/open",
        "parlor/shop/reply/gateway",
        "parlor/shop/q/01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "parlor/+/d/#",
        "$share/ledger/parlor/shop/d/x",
    };
    for (const auto& text : none) EXPECT_FALSE(parse(text)) << text;
}

TEST(Topics, FiltersAreMqttFilters) {
    const auto site = *SiteId::parse("shop");
    const auto conversation = ConversationId::generate();
    const auto agent = *AgentId::parse("alice");
    const auto client = *ClientId::parse("pc-1");
    using namespace filters;
    for (const std::string& filter :
         {conversationOut(site, conversation), gatewayReplies(client), ledgerVisitorPosts(),
          ledgerAgentPosts(), ledgerRpc(), ledgerAgentStatus(), agentQueue(site),
          agentAssignments(site, agent), agentConversation(site, conversation),
          agentDepartments(site), agentReplies(site, agent, client), agentColleagues(site)}) {
        EXPECT_TRUE(bus::parseFilter(filter)) << filter;
    }
    EXPECT_EQ(bus::parseFilter(ledgerVisitorPosts())->group, "ledger");
}

}  // namespace
}  // namespace parlor::topics
