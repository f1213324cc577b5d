#include "admin/broker_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <boost/json.hpp>

#include "admin/rights.h"
#include "tests/support/temp_dir.h"

namespace parlor::admin {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

json::object read(const std::string& path) { return json::parse(test::readFile(path)).as_object(); }

TEST(BrokerFile, IsMadeWithOneAccountThatManagesOthersOnly) {
    const test::TempDir dir;
    const auto path = dir.file("dynamic-security.json");
    const auto made = prepareBrokerFile(path, "a long password", {});
    ASSERT_TRUE(made);
    EXPECT_TRUE(*made);

    struct stat info{};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_THAT(test::readFile(path), Not(HasSubstr("a long password")));

    const auto file = read(path);
    ASSERT_EQ(file.at("clients").as_array().size(), 1U);
    EXPECT_EQ(file.at("clients").at(0).at("username"), "parlor-admin");
    EXPECT_EQ(file.at("roles").at(0).at("acls").as_array().size(), adminRights().size());
    for (const auto* access : {"publishClientSend", "publishClientReceive", "subscribe"}) {
        EXPECT_EQ(file.at("defaultACLAccess").at(access), false) << access;
    }
}

TEST(BrokerFile, IsNotTouchedWhereItIsRight) {
    const test::TempDir dir;
    const auto path = dir.file("dynamic-security.json");
    ASSERT_TRUE(prepareBrokerFile(path, "a long password", {}));
    const auto before = test::readFile(path);
    const auto again = prepareBrokerFile(path, "a long password", {});
    ASSERT_TRUE(again);
    EXPECT_FALSE(*again);
    EXPECT_EQ(test::readFile(path), before);
}

TEST(BrokerFile, GivesBackALostPasswordAndKeepsTheRest) {
    const test::TempDir dir;
    const auto path = dir.file("dynamic-security.json");
    ASSERT_TRUE(prepareBrokerFile(path, "a long password", {}));
    auto file = read(path);
    file["clients"].as_array().push_back({{"username", "alice"}, {"textname", "Alice"}});
    file["clients"].as_array().at(0).as_object()["disabled"] = true;
    file["groups"] = json::array{json::object{{"groupname", "g"}}};
    dir.write("dynamic-security.json", json::serialize(file));

    const auto changed = prepareBrokerFile(
        path, "another password", {{"alice", "alice's password"}, {"bob", "bob's password"}});
    ASSERT_TRUE(changed);
    EXPECT_TRUE(*changed);
    const auto after = read(path);
    EXPECT_NE(after.at("clients").at(0).at("password"), file.at("clients").at(0).at("password"));
    EXPECT_FALSE(after.at("clients").at(0).as_object().contains("disabled"));
    EXPECT_EQ(after.at("clients").at(1).at("textname"), "Alice");
    EXPECT_TRUE(after.at("clients").at(1).as_object().contains("password"));
    EXPECT_EQ(after.at("clients").as_array().size(), 2U);  // bob has no account and gets none
    EXPECT_EQ(after.at("groups"), file.at("groups"));
    EXPECT_FALSE(*prepareBrokerFile(path, "another password", {{"alice", "alice's password"}}));
}

TEST(BrokerFile, ADamagedOneIsNotReplaced) {
    const test::TempDir dir;
    for (const auto* text : {"", "{", "[]", "\x01\x02"}) {
        const auto path = dir.write("dynamic-security.json", text);
        EXPECT_EQ(prepareBrokerFile(path, "a long password", {}).error().code, Errc::malformed);
        EXPECT_EQ(test::readFile(path), text);
    }
}

}  // namespace
}  // namespace parlor::admin
