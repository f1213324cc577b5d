#include "admin/directory.h"

#include <gmock/gmock.h>

#include "tests/admin/fake_plugin.h"

namespace parlor::admin {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;

const AgentOfSite kAlice{*SiteId::parse("demo"), *AgentId::parse("alice")};

std::vector<std::string> namesOf(const std::vector<json::object>& commands) {
    std::vector<std::string> names;
    for (const auto& command : commands) {
        names.emplace_back(command.at("command").as_string());
    }
    return names;
}

TEST(Directory, RoleNamesAreReadBack) {
    EXPECT_EQ(roleName(kAlice), "agent/demo/alice");
    const auto who = parseRoleName("agent/demo/alice");
    ASSERT_TRUE(who);
    EXPECT_EQ(who->site.str(), "demo");
    EXPECT_EQ(who->agent.str(), "alice");
    for (const auto* other : {"agent/demo", "agent//alice", "agent/demo/", "gateway", "agent",
                              "agent/demo/a/b", "agent/Demo/alice", "agent/demo/gateway", ""}) {
        EXPECT_FALSE(parseRoleName(other)) << other;
    }
}

TEST(Directory, OnlyWhatDiffersIsChanged) {
    const auto alice = agentRole(kAlice, v1::ROLE_SUPERVISOR);
    Directory current{.roles = {alice}, .accounts = {}, .deniesByDefault = true};
    EXPECT_THAT(planRoles(current, {alice}), IsEmpty());

    EXPECT_THAT(
        namesOf(planRoles({.roles = {}, .accounts = {}, .deniesByDefault = false}, {alice})),
        ElementsAre("setDefaultACLAccess", "createRole"));
    // One right too many, one too few, another title: each is put right.
    auto wide = alice;
    wide.rights.push_back({Right::Kind::write, "zzz"});
    auto narrow = alice;
    narrow.rights.pop_back();
    auto renamed = alice;
    renamed.title = "agent";
    for (const auto& differing : {wide, narrow, renamed}) {
        current.roles = {differing};
        const auto plan = planRoles(current, {alice});
        EXPECT_THAT(namesOf(plan), ElementsAre("modifyRole"));
        EXPECT_EQ(plan[0].at("acls").as_array().size(), alice.rights.size());
    }
}

TEST(Directory, IsReadPageByPage) {
    bus::MemoryBroker broker;
    static constexpr int kAccounts = 250;
    FakePlugin plugin(broker, [](const FakePlugin::Commands& commands) {
        const auto& command = commands[0];
        json::object data;
        if (command.at("command") == "getDefaultACLAccess") {
            data["acls"] = json::array{json::object{{"acltype", "subscribe"}, {"allow", false}},
                                       json::object{{"acltype", "unsubscribe"}, {"allow", true}}};
        } else {
            json::array list;
            const auto offset = command.at("offset").to_number<int>();
            const auto end = std::min(kAccounts, offset + command.at("count").to_number<int>());
            for (int i = offset; i < end; ++i) {
                list.push_back(
                    json::object{{"username", "agent" + std::to_string(i)},
                                 {"disabled", i == 7},
                                 {"textname", "Agent"},
                                 {"roles", json::array{json::object{{"rolename", "r"}}}}});
            }
            if (command.at("command") == "listRoles") {
                list = {json::object{
                    {"rolename", "odd"},
                    {"acls",
                     json::array{json::object{
                         {"acltype", "publishClientSend"}, {"topic", "x"}, {"allow", false}}}}}};
            }
            data[command.at("command") == "listRoles" ? "roles" : "clients"] = std::move(list);
        }
        return std::vector{FakePlugin::responses(commands, {{{"data", std::move(data)}}})};
    });
    Dynsec dynsec(broker.makeClient("admin"));
    const auto deadline = bus::Clock::now() + std::chrono::seconds(5);
    ASSERT_TRUE(dynsec.connect(deadline));
    const auto directory = readDirectory(dynsec, deadline);
    ASSERT_TRUE(directory) << directory.error().text;
    EXPECT_TRUE(directory->deniesByDefault);
    EXPECT_EQ(directory->accounts.size(), std::size_t{kAccounts});
    EXPECT_FALSE(directory->account("agent7")->enabled);
    EXPECT_TRUE(directory->account("agent8")->enabled);
    EXPECT_TRUE(directory->account("agent249")->has("r"));
    EXPECT_EQ(directory->account("nobody"), nullptr);
    // A denial is nothing that Parlor writes: such a role is never taken for right.
    EXPECT_NE(directory->role("odd")->rights, (Rights{{Right::Kind::write, "x"}}));
}

}  // namespace
}  // namespace parlor::admin
