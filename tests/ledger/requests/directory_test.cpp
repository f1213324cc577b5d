// Administrators keep the directory; everybody else may look.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "ledger/directory/profile_keeper.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::AllOf;
using testing::HasSubstr;
using topics::Method;

v1::Request saveAgent(const std::string& id, v1::Role role = v1::ROLE_AGENT) {
    v1::Request request;
    auto& profile = *request.mutable_directory()->mutable_save_agent()->mutable_profile();
    profile.set_id(id);
    profile.set_name("Name of " + id);
    profile.set_role(role);
    return request;
}
v1::Request saveDepartment(const std::string& id) {
    v1::Request request;
    auto& profile = *request.mutable_directory()->mutable_save_department()->mutable_profile();
    profile.set_id(id);
    return request;
}
v1::Request list(const std::string& agent = "") {
    v1::Request request;
    request.mutable_directory()->mutable_list()->set_agent(agent);
    return request;
}
v1::Request audit() {
    v1::Request request;
    request.mutable_audit();
    return request;
}

class DirectoryTest : public testing::Test {
 protected:
    v1::Response asTool(const v1::Request& request) {
        return tool_.call(Method::directory, request);
    }
    void comeOnline() { tellStatus(alice_.client(), kAlice, v1::AgentStatus::STATE_ONLINE); }
    // The departments of which the broker retains something.
    std::set<std::string> told() {
        Client late(world_.broker(), "late-" + Ulid::generate().str());
        late.subscribe({topics::filters::ledgerDepartments()});
        world_.broker().drain();
        std::set<std::string> names;
        for (const auto& each : late.take()) {
            names.insert(std::get<topics::Department>(*topics::parse(each.topic)).department.str());
        }
        return names;
    }

    World world_;
    Sender tool_{world_.broker(), kTool};
    Sender alice_{world_.broker(), kAlice};
    Sender gateway_{world_.broker()};
};

TEST_F(DirectoryTest, TheToolMakesTheFirstAdministratorWhoMakesTheRest) {
    EXPECT_EQ(alice_.call(Method::directory, saveAgent("bob")).failure().code(),
              v1::ERROR_CODE_FORBIDDEN);
    EXPECT_GT(asTool(saveAgent("alice", v1::ROLE_ADMIN)).directory().version(), 0U);
    EXPECT_TRUE(alice_.call(Method::directory, saveAgent("bob")).has_directory());
    EXPECT_TRUE(alice_.call(Method::directory, saveDepartment("sales")).has_directory());

    Sender bob(world_.broker(), kBob);
    const auto seen = bob.call(Method::directory, list()).directory();
    ASSERT_EQ(seen.agents_size(), 2);
    EXPECT_EQ(seen.agents(0).profile().id(), "alice");
    EXPECT_EQ(seen.agents(0).profile().role(), v1::ROLE_ADMIN);
    EXPECT_EQ(seen.agents(1).profile().name(), "Name of bob");
    ASSERT_EQ(seen.departments_size(), 1);
    EXPECT_EQ(seen.departments(0).profile().id(), "sales");

    const auto one = bob.call(Method::directory, list("alice")).directory();
    EXPECT_EQ(one.version(), seen.version());
    EXPECT_EQ(one.departments_size(), 0);
    ASSERT_EQ(one.agents_size(), 1);
    EXPECT_EQ(one.agents(0).SerializeAsString(), seen.agents(0).SerializeAsString());
    EXPECT_EQ(bob.call(Method::directory, list("carol")).directory().agents_size(), 0);

    EXPECT_EQ(bob.call(Method::audit, audit()).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    std::vector<std::string> deeds;
    const auto audited = alice_.call(Method::audit, audit()).audit();
    for (const auto& record : audited.records()) {
        deeds.push_back(record.actor() + " " + record.action() + " " + record.target());
    }
    EXPECT_THAT(deeds, testing::UnorderedElementsAre("parlor-admin directory.save_agent alice",
                                                     "alice directory.save_agent bob",
                                                     "alice directory.save_department sales"));
}

TEST_F(DirectoryTest, WhatIsSavedStaysWhenTheLedgerComesBack) {
    ASSERT_TRUE(asTool(saveDepartment("sales")).has_directory());
    world_.stopLedger();
    world_.startLedger();
    EXPECT_EQ(asTool(list()).directory().departments_size(), 1);
}

TEST_F(DirectoryTest, TheVersionKeepsTwoFromOverwritingEachOther) {
    const auto first = asTool(saveDepartment("sales")).directory().version();
    auto mine = saveDepartment("sales");
    mine.mutable_directory()->mutable_save_department()->set_if_version(first);
    EXPECT_TRUE(asTool(mine).has_directory());
    EXPECT_EQ(asTool(mine).failure().code(), v1::ERROR_CODE_CONFLICT);
    v1::Request removal;
    removal.mutable_directory()->set_remove_department("sales");
    EXPECT_TRUE(asTool(removal).has_directory());
    EXPECT_EQ(asTool(removal).failure().code(), v1::ERROR_CODE_NOT_FOUND);
}

TEST_F(DirectoryTest, WhoIsNotStaffOrDisabledGetsNothing) {
    EXPECT_EQ(gateway_.call(Method::directory, list()).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    auto disabled = saveAgent("alice");
    disabled.mutable_directory()->mutable_save_agent()->mutable_profile()->set_disabled(true);
    ASSERT_TRUE(asTool(disabled).has_directory());
    const auto refused = alice_.call(Method::directory, list()).failure();
    EXPECT_EQ(refused.code(), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_THAT(refused.text(), HasSubstr("disabled"));
    const auto conversation = world_.open(gateway_);
    EXPECT_EQ(alice_.history(conversation).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(alice_.status(conversation, Ulid::generate().str()).failure().code(),
              v1::ERROR_CODE_FORBIDDEN);
    EXPECT_TRUE(gateway_.history(conversation).has_history());
}

TEST_F(DirectoryTest, WhoIsDisabledLosesWhatItHolds) {
    const auto conversation = world_.open(gateway_);
    comeOnline();
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    auto disabled = saveAgent("alice");
    disabled.mutable_directory()->mutable_save_agent()->mutable_profile()->set_disabled(true);
    ASSERT_TRUE(asTool(disabled).has_directory());
    const auto reader = world_.store().makeReader();
    EXPECT_TRUE(eventually([&] {
        return reader->conversations(std::span(&conversation, 1))->front().state ==
               ConversationState::waiting;
    }));
    const auto log = gateway_.history(conversation).history();
    ASSERT_GE(log.events_size(), 4);
    EXPECT_EQ(log.events(2).released().reason(), "offline");
}

TEST_F(DirectoryTest, VisitorsMakeNoDepartments) {
    EXPECT_TRUE(gateway_.open(openRequest("anything")).has_open()) << "nothing is said of the site";
    ASSERT_TRUE(asTool(saveDepartment("sales")).has_directory());
    const auto refused = gateway_.open(openRequest("nowhere")).failure();
    EXPECT_EQ(refused.code(), v1::ERROR_CODE_NOT_FOUND);
    EXPECT_EQ(refused.text(), "no such department: nowhere");
    EXPECT_TRUE(gateway_.open(openRequest("sales")).has_open());
    EXPECT_TRUE(gateway_.open(openRequest()).has_open()) << "the default one needs no word";
}

TEST_F(DirectoryTest, ADepartmentGoesOnceNobodyWaitsInIt) {
    comeOnline();
    ASSERT_TRUE(asTool(saveDepartment("sales")).has_directory());
    ASSERT_TRUE(asTool(saveDepartment("support")).has_directory());
    const auto request = openRequest("sales");
    ASSERT_TRUE(gateway_.open(request).has_open());
    EXPECT_TRUE(eventually([&] { return told() == std::set<std::string>{"sales", "support"}; }));

    v1::Request removal;
    removal.mutable_directory()->set_remove_department("sales");
    const auto refused = asTool(removal).failure();
    EXPECT_EQ(refused.code(), v1::ERROR_CODE_CONFLICT);
    EXPECT_THAT(refused.text(), HasSubstr("wait"));
    ASSERT_TRUE(
        gateway_.post(*ConversationId::parse(request.conversation()), close()).has_recorded());
    EXPECT_TRUE(asTool(removal).has_directory());
    EXPECT_TRUE(eventually([&] { return told() == std::set<std::string>{"support"}; }));
}

// Where nothing is said of the site any name will do, for as long as somebody waits under it.
TEST_F(DirectoryTest, NamesThatVisitorsBringDoNotStay) {
    comeOnline();
    const auto request = openRequest("anything");
    ASSERT_TRUE(gateway_.open(request).has_open());
    world_.open(gateway_);
    EXPECT_TRUE(eventually([&] { return told() == std::set<std::string>{"anything", "general"}; }));
    ASSERT_TRUE(
        gateway_.post(*ConversationId::parse(request.conversation()), close()).has_recorded());
    EXPECT_TRUE(eventually([&] { return told() == std::set<std::string>{"general"}; }));
}

TEST_F(DirectoryTest, OnlyTheToolSaysWhatWasDoneToAccounts) {
    ASSERT_TRUE(asTool(saveAgent("alice", v1::ROLE_ADMIN)).has_directory());
    v1::Request request;
    auto& deed = *request.mutable_deed();
    deed.set_kind(v1::DeedRequest::KIND_DISABLE);
    deed.set_account("bob");
    EXPECT_EQ(alice_.call(Method::deed, request).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(tool_.call(Method::audit, request).failure().code(), v1::ERROR_CODE_MALFORMED);
    EXPECT_TRUE(tool_.call(Method::deed, request).has_deed());
    const auto records = alice_.call(Method::audit, audit()).audit();
    ASSERT_EQ(records.records_size(), 2);
    EXPECT_EQ(records.records(0).action(), "account.disable");
    EXPECT_EQ(records.records(0).target(), "bob");
    deed.clear_kind();
    EXPECT_EQ(tool_.call(Method::deed, request).failure().code(), v1::ERROR_CODE_MALFORMED);
}

// What is asked by one method cannot be had by another, which the broker may grant more freely.
TEST_F(DirectoryTest, ABodyOfAnotherMethodIsMalformed) {
    EXPECT_EQ(alice_.call(Method::audit, list()).failure().code(), v1::ERROR_CODE_MALFORMED);
    EXPECT_EQ(alice_.call(Method::directory, v1::Request()).failure().code(),
              v1::ERROR_CODE_MALFORMED);
}

TEST_F(DirectoryTest, NonsenseIsRefusedAndSaysWhy) {
    const auto refusal = [&](const v1::Request& request) {
        const auto failure = asTool(request).failure();
        EXPECT_EQ(failure.code(), v1::ERROR_CODE_MALFORMED);
        return failure.text();
    };
    EXPECT_THAT(refusal(saveAgent("Not A Name")), HasSubstr("agent"));
    EXPECT_THAT(refusal(saveAgent("gateway")), HasSubstr("agent"));
    EXPECT_THAT(refusal(saveDepartment("UPPER")), HasSubstr("department"));
    auto request = saveDepartment("d");
    auto& profile = *request.mutable_directory()->mutable_save_department()->mutable_profile();
    profile.set_time_zone("../../etc/passwd");
    EXPECT_THAT(refusal(request), HasSubstr("time_zone"));
    for (const std::string unknown : {"Mars/Olympus", "Asia/Shangai", "/etc/localtime"}) {
        profile.set_time_zone(unknown);
        EXPECT_THAT(refusal(request), AllOf(HasSubstr("time_zone"), HasSubstr(unknown)));
    }
    profile.set_time_zone("Asia/Shanghai");
    auto& hours = *profile.add_hours();
    hours.set_weekday(8);
    EXPECT_THAT(refusal(request), HasSubstr("weekday"));
    hours.set_weekday(7);
    hours.set_from_minute(600);
    hours.set_until_minute(600);
    EXPECT_THAT(refusal(request), HasSubstr("until_minute"));
    hours.set_until_minute(1440);
    EXPECT_TRUE(asTool(request).has_directory());
    profile.set_routing(static_cast<v1::Routing>(99));
    EXPECT_THAT(refusal(request), HasSubstr("routing"));
}

TEST(ProfileKeeper, SeesWhatAnotherReplicaSaved) {
    const parlor::test::TempDir dir;
    SqlStore store(*DatabaseUrl::parse("sqlite://" + dir.file("ledger.db")));
    ASSERT_TRUE(store.migrate());
    std::mutex mutex;
    std::vector<std::string> told;
    ProfileKeeper here({.poll = std::chrono::milliseconds(10)}, store.makeDirectory(), testLog(),
                       [&](const SiteId& site, const Profiles& profiles) {
                           const std::scoped_lock lock(mutex);
                           told.push_back(site.str() + std::to_string(profiles.agents.size()));
                       });
    EXPECT_EQ(here.site(kSite), nullptr);
    here.start();
    ASSERT_NE(here.site(kSite), nullptr);
    const auto there = store.makeDirectory();
    v1::AgentProfile profile;
    profile.set_id("alice");
    const EntryKey key{kSite, EntryKind::agent, "alice"};
    const Deed deed{kSite, "root", "directory.save_agent", "alice"};
    ASSERT_TRUE(there->save(key, encode(profile), 0, deed));
    EXPECT_TRUE(eventually([&] { return here.site(kSite)->agents.contains("alice"); }));
    ASSERT_TRUE(there->remove(key, deed));
    EXPECT_TRUE(eventually([&] { return here.site(kSite)->agents.empty(); }));
    here.stop();
    EXPECT_THAT(told, testing::ElementsAre("shop1", "shop0"));
}

}  // namespace
}  // namespace parlor::ledger::test
