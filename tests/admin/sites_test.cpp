#include "admin/sites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/admin/fake_plugin.h"
#include "tests/ledger/world.h"

namespace parlor::admin {
namespace {

using ledger::test::World;
using testing::HasSubstr;

const DepartmentId kGeneral = *DepartmentId::parse("general");

bus::Deadline soon() { return bus::Clock::now() + std::chrono::seconds(20); }

class SitesTest : public testing::Test {
 protected:
    void SetUp() override { ASSERT_TRUE(client_.connect(soon())); }
    v1::DirectoryResponse directory() {
        v1::Request request;
        request.mutable_directory()->mutable_list();
        return client_.call(topics::Method::directory, request, soon())->directory();
    }

    World world_;
    LedgerClient client_{world_.broker().makeClient("tool"), ledger::test::kSite};
};

TEST(Sites, ThoseWithAgentsAreListed) {
    namespace json = boost::json;
    bus::MemoryBroker broker;
    FakePlugin plugin(broker, [](const FakePlugin::Commands& commands) {
        const auto client = [](const char* agent, std::vector<const char*> roles) {
            json::object entry{{"username", agent}, {"roles", json::array()}};
            for (const auto* role : roles) {
                entry["roles"].as_array().push_back(json::object{{"rolename", role}});
            }
            return entry;
        };
        json::object data{{"acls", json::array()}, {"roles", json::array()}};
        data["clients"] = json::array{client("gateway", {"gateway"}),
                                      client("alice", {"agent/toys/alice", "agent/books/alice"}),
                                      client("bob", {"agent/toys/bob"})};
        return std::vector{FakePlugin::responses(commands, {{{"data", std::move(data)}}})};
    });
    Dynsec dynsec(broker.makeClient("admin"));
    ASSERT_TRUE(dynsec.connect(soon()));
    const auto sites = listSites(dynsec, soon());
    ASSERT_TRUE(sites) << sites.error().text;
    ASSERT_EQ(sites->size(), 2U);
    EXPECT_EQ(sites->at(0).site.str(), "books");
    EXPECT_EQ(sites->at(0).agents, 1U);
    EXPECT_EQ(sites->at(1).site.str(), "toys");
    EXPECT_EQ(sites->at(1).agents, 2U);
}

TEST_F(SitesTest, ASiteBeginsWithADepartmentOnce) {
    ASSERT_TRUE(beginSite(client_, kGeneral, soon()));
    ASSERT_EQ(directory().departments_size(), 1);
    EXPECT_EQ(directory().departments(0).profile().id(), "general");
    EXPECT_EQ(beginSite(client_, kGeneral, soon()).error().code, Errc::conflict);
}

TEST_F(SitesTest, ItEndsWhenNoConversationIsOpen) {
    ASSERT_TRUE(beginSite(client_, kGeneral, soon()));
    v1::Request save;
    save.mutable_directory()->mutable_save_agent()->mutable_profile()->set_id("alice");
    ASSERT_TRUE(client_.call(topics::Method::directory, save, soon()));
    ledger::test::Sender gateway(world_.broker());
    ledger::test::Sender alice(world_.broker(), ledger::test::kAlice);
    const auto conversation = world_.open(gateway);
    const auto expectRefused = [&] {
        const auto refused = endSite(client_, soon());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::conflict);
        EXPECT_THAT(refused.error().text, HasSubstr(conversation.str()));
        EXPECT_EQ(directory().departments_size(), 1);
        EXPECT_EQ(directory().agents_size(), 1);
    };
    expectRefused();
    ASSERT_TRUE(alice.post(conversation, ledger::test::accept()).has_recorded());
    expectRefused();
    ASSERT_TRUE(alice.post(conversation, ledger::test::close()).has_recorded());

    EXPECT_TRUE(endSite(client_, soon()));
    EXPECT_EQ(directory().departments_size(), 0);
    EXPECT_EQ(directory().agents_size(), 0);
    EXPECT_EQ(gateway.history(conversation).history().head_seq(), 3U) << "what was recorded stays";
    EXPECT_TRUE(endSite(client_, soon()));
}

}  // namespace
}  // namespace parlor::admin
