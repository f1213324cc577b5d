#include "admin/rights.h"

#include <gmock/gmock.h>

#include <boost/algorithm/string.hpp>
#include <map>
#include <set>
#include <sstream>

#include "proto/retained_filters.h"
#include "proto/topics.h"
#include "tests/support/temp_dir.h"

namespace parlor::admin {
namespace {

using testing::Contains;
using testing::Each;
using testing::Eq;
using Kind = Right::Kind;

const SiteId kSite = *SiteId::parse("demo");
const AgentId kAgent = *AgentId::parse("alice");

// Mosquitto's ACL file (mosquitto.conf(5), acl_file) by user, as rights to write and to read.
std::map<std::string, std::set<Right>> parseAcl(const std::string& text) {
    std::map<std::string, std::set<Right>> rights;
    std::istringstream lines(text);
    std::string user;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        std::string word;
        std::string access;
        words >> word >> access;
        if (word == "user") {
            user = access;
            rights[user];
            continue;
        }
        EXPECT_EQ(word, "topic") << line;
        std::string filter;
        words >> filter;
        EXPECT_THAT((std::set<std::string>{"read", "write", "readwrite"}), Contains(access));
        if (access != "read") rights[user].insert({Kind::write, filter});
        if (access != "write") rights[user].insert({Kind::read, filter});
    }
    return rights;
}

std::set<Right> withoutSubscriptions(const Rights& rights) {
    std::set<Right> result;
    for (const auto& right : rights) {
        if (right.kind != Kind::subscribe) result.insert(right);
    }
    return result;
}

std::string aclFile(const std::string& name) {
    return test::readFile(PARLOR_SOURCE_DIR "/broker-config/" + name);
}

TEST(Rights, TheFileForServicesSaysTheSame) {
    const auto acl = parseAcl(aclFile("single/acl"));
    EXPECT_EQ(acl.size(), 3U);
    EXPECT_EQ(acl.at("gateway"), withoutSubscriptions(gatewayRights()));
    EXPECT_EQ(acl.at("ledger"), withoutSubscriptions(ledgerRights()));
    EXPECT_EQ(acl.at("health"), withoutSubscriptions(healthRights()));
}

TEST(Rights, TheFileForAgentsSaysTheSame) {
    auto block = aclFile("single/acl-agent.in");
    boost::replace_all(block, "@SITE@", kSite.str());
    boost::replace_all(block, "@AGENT@", kAgent.str());
    const auto acl = parseAcl(block);
    EXPECT_EQ(acl.size(), 1U);
    EXPECT_EQ(acl.at("alice"), withoutSubscriptions(agentRights(kSite, kAgent)));
}

TEST(Rights, WhatAnAgentWritesBearsItsNameAndSite) {
    for (const auto& right : agentRights(kSite, kAgent)) {
        EXPECT_TRUE(right.filter.starts_with("parlor/demo/")) << right.filter;
        if (right.kind != Kind::write) continue;
        EXPECT_TRUE(right.filter.ends_with("/alice") || right.filter.ends_with("/alice/status"))
            << right.filter;
    }
}

TEST(Rights, NoNameMakesAWildcard) {
    // Names are lower-case letters, digits and ". _ -"; whatever is chosen stands as it is.
    for (const auto* name : {"0-any-agent", "any", "-", "..", "7zzzzzzzzzzzzzzzzzzzzzzzzz",
                             "status", "c", "01jzzzzzzzzzzzzzzzzzzzzzzz"}) {
        const auto rights = agentRights(*SiteId::parse("any"), *AgentId::parse(name));
        EXPECT_THAT(rights,
                    Contains(Right{Kind::write, "parlor/any/a/" + std::string(name) + "/status"}));
        EXPECT_THAT(rights,
                    Contains(Right{Kind::write, "parlor/any/c/+/in/agent/" + std::string(name)}));
        EXPECT_EQ(rights.size(), agentRights(kSite, kAgent).size());
    }
}

// A subscription that `wide` covers (without "$share/…").
bool covers(const std::string& wide, const std::string& narrow) {
    std::vector<std::string> a;
    std::vector<std::string> b;
    boost::split(a, wide, boost::is_any_of("/"));
    boost::split(b, narrow, boost::is_any_of("/"));
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == "#") return true;
        if (i >= b.size() || b[i] == "#" || (a[i] != "+" && a[i] != b[i])) return false;
    }
    return a.size() == b.size();
}

void expectMaySubscribe(const Rights& rights, const std::string& filter) {
    const bool may = std::any_of(rights.begin(), rights.end(), [&](const Right& right) {
        return right.kind == Kind::subscribe && covers(right.filter, filter);
    });
    EXPECT_TRUE(may) << filter;
}

TEST(Rights, EveryPartMaySubscribeToWhatItUses) {
    namespace f = topics::filters;
    const auto conversation = ConversationId::generate();
    const auto client = *ClientId::parse("x-1");
    for (const auto& filter :
         {f::conversationOut(kSite, conversation), f::gatewayReplies(client)}) {
        expectMaySubscribe(gatewayRights(), filter);
    }
    for (const auto& filter :
         {f::ledgerVisitorPosts(), f::ledgerAgentPosts(), f::ledgerRpc(), f::ledgerAgentStatus(),
          f::ledgerQueues(), f::ledgerAssignments(), f::ledgerDepartments()}) {
        expectMaySubscribe(ledgerRights(), filter);
    }
    for (const auto& filter : f::ledgerRetained(kSite, conversation)) {
        expectMaySubscribe(ledgerRights(), filter);
    }
    for (const auto& filter :
         {f::agentQueue(kSite), f::agentAssignments(kSite, kAgent), f::agentDepartments(kSite),
          f::agentConversation(kSite, conversation), f::agentReplies(kSite, kAgent, client),
          f::agentColleagues(kSite)}) {
        expectMaySubscribe(agentRights(kSite, kAgent), filter);
    }
}

TEST(Rights, TheBridgeCarriesWhatGatewaysDoAndNoMore) {
    // Outside it reads what gateways write, and writes what they read.
    std::set<Right> mirrored;
    for (const auto& right : gatewayRights()) {
        if (right.kind == Kind::write) mirrored.insert({Kind::read, right.filter});
        if (right.kind == Kind::read) mirrored.insert({Kind::write, right.filter});
    }
    EXPECT_EQ(withoutSubscriptions(bridgeOutsideRights()), mirrored);
    EXPECT_EQ(bridgeInsideRights(), gatewayRights());
}

TEST(Rights, WhoManagesAccountsTouchesNoConversation) {
    const std::set<Right> others{
        {Kind::write, "parlor/+/a/+/status"},
        // It asks the ledger, under its own name.
        {Kind::write, "parlor/+/rpc/+/parlor-admin"},
        {Kind::read, "parlor/+/reply/parlor-admin/+"},
        {Kind::subscribe, "parlor/+/reply/parlor-admin/+"},
    };
    for (const auto& right : adminRights()) {
        EXPECT_TRUE(others.contains(right) ||
                    right.filter.starts_with("$CONTROL/dynamic-security/v1"))
            << right.filter;
    }
}

}  // namespace
}  // namespace parlor::admin
