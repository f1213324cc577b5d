// parlor-admin against a running broker: what it changes holds at once, without a restart.

#include <boost/json.hpp>

#include "proto/codec.h"
#include "tests/security/hostile_test.h"
#include "tests/security/ledger_process.h"

namespace parlor::test {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class AccountsTest : public testing::Test {
 protected:
    int answerTo(const std::string& name) {
        return RawClient(broker_.port()).connect(broker_.account(name));
    }
    // Of a command that must succeed.
    json::value run(std::vector<std::string> arguments) {
        arguments.push_back("--json");
        const auto result = broker_.admin(std::move(arguments));
        EXPECT_EQ(result.exitCode, 0) << result.text;
        return json::parse(result.text);
    }
    // Of one that must not: its output.
    std::string fail(const std::vector<std::string>& arguments, int exitCode = 1) {
        const auto result = broker_.admin(arguments);
        EXPECT_EQ(result.exitCode, exitCode) << result.text;
        return result.text;
    }

    static v1::AgentStatus::State stateIn(const RawClient::Message& message) {
        EXPECT_EQ(message.topic, "parlor/demo/a/alice/status");
        return decode<v1::AgentStatus>(message.payload)->state();
    }

    // The ledger's directory of site demo, as `directory list` shows it.
    json::object profileOf(const std::string& agent) {
        const auto directory = run({"directory", "list", "--site", "demo"}).as_object();
        const auto* agents = directory.if_contains("agents");
        if (agents == nullptr) return {};
        for (const auto& entry : agents->as_array()) {
            const auto& profile = entry.at("profile").as_object();
            if (profile.at("id") == json::value(agent)) return profile;
        }
        return {};
    }
    // As the ledger's answer to a request of the agent: an error code.
    v1::ErrorCode answerToReport(const std::string& agent) {
        auto client = broker_.client(agent);
        const auto replies = "parlor/demo/reply/" + agent + "/desk";
        EXPECT_EQ(client.subscribe(replies), reason::kGrantedQos1);
        v1::Request request;
        request.mutable_report()->set_until_ms(1);
        client.publish({.topic = "parlor/demo/rpc/report/" + agent,
                        .payload = encode(request),
                        .responseTopic = replies,
                        .correlationData = "x"});
        return decode<v1::Response>(client.next().payload)->failure().code();
    }

    // What was done to accounts of site demo, newest first.
    std::vector<std::string> accountDeeds() {
        std::vector<std::string> deeds;
        const auto audit = run({"audit", "--site", "demo"});
        for (const auto& record : audit.at("records").as_array()) {
            const auto text = [&](const char* member) {
                return std::string(record.at(member).as_string());
            };
            if (!text("action").starts_with("account.")) continue;
            deeds.push_back(text("actor") + " " + text("action") + " " + text("target"));
        }
        return deeds;
    }

    SecuredBroker broker_{Accounts::dynsec};
    LedgerProcess ledger_{broker_};
};

// A supervisor's request, in the ledger's eyes.
constexpr auto kGranted = v1::ERROR_CODE_UNSPECIFIED;

TEST_F(AccountsTest, AnAgentIsAddedAndMaySignInAtOnce) {
    EXPECT_EQ(
        run({"agent", "add", "--site", "demo", "dave", "--name", "Dave", "--role", "supervisor"}),
        (json::value{{"site", "demo"},
                     {"agent", "dave"},
                     {"role", "supervisor"},
                     {"password_file", broker_.passwordFile("dave")}}));
    auto dave = broker_.client("dave");
    EXPECT_EQ(dave.subscribe("parlor/demo/a/dave/c/+"), reason::kGrantedQos1);
    EXPECT_EQ(dave.publish({.topic = conversationTopic("demo", "in/agent/dave")}),
              reason::kSuccess);
    EXPECT_EQ(dave.publish({.topic = conversationTopic("demo", "in/agent/alice")}),
              reason::kNotAuthorized);
    EXPECT_EQ(dave.publish({.topic = conversationTopic("shop", "in/agent/dave")}),
              reason::kNotAuthorized);

    const auto all = run({"agent", "list", "--site", "demo"}).as_array();
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[2], (json::value{{"site", "demo"},
                                   {"agent", "dave"},
                                   {"name", "Dave"},
                                   {"role", "supervisor"},
                                   {"enabled", true}}));
}

TEST_F(AccountsTest, ASupervisorIsOneForTheLedgerToo) {
    run({"agent", "add", "--site", "demo", "dave", "--role", "supervisor"});
    run({"agent", "add", "--site", "demo", "erin"});
    EXPECT_EQ(answerToReport("dave"), kGranted);
    EXPECT_EQ(answerToReport("erin"), v1::ERROR_CODE_FORBIDDEN);
    // What an administrator says of the role later is what is shown.
    const TempDir scratch;
    run({"directory", "set-agent", "dave", "--site", "demo", "--file",
         scratch.write("dave", R"({"role":"ROLE_AGENT"})")});
    EXPECT_EQ(run({"agent", "list", "--site", "demo"}).at(2).at("role"), "agent");
}

TEST_F(AccountsTest, DisablingConcernsTheLedgerToo) {
    run({"agent", "add", "--site", "demo", "dave", "--role", "supervisor"});
    run({"agent", "disable", "--site", "demo", "dave"});
    EXPECT_EQ(profileOf("dave").at("disabled"), true);
    EXPECT_EQ(profileOf("dave").at("role"), "ROLE_SUPERVISOR");
    run({"agent", "enable", "--site", "demo", "dave"});
    EXPECT_EQ(answerToReport("dave"), kGranted);
    run({"agent", "remove", "--site", "demo", "dave"});
    EXPECT_THAT(profileOf("dave"), IsEmpty());
    // Nobody inherits the name's role.
    run({"agent", "add", "--site", "demo", "dave"});
    EXPECT_EQ(answerToReport("dave"), v1::ERROR_CODE_FORBIDDEN);
}

TEST_F(AccountsTest, WhatTheLedgerWasAwayForIsSaidAndMadeUpForByRepeating) {
    using Command = std::vector<std::string>;
    const Command add = {"agent", "add", "--site", "demo", "dave", "--role", "supervisor"};
    const Command disable = {"agent", "disable", "--site", "demo", "dave"};
    const Command remove = {"agent", "remove", "--site", "demo", "dave"};
    const auto withoutLedger = [&](Command command) {
        ledger_.stop();
        command.insert(command.end(), {"--timeout", "3"});
        EXPECT_THAT(fail(command), HasSubstr("audit of site demo are not yet: no ledger answered"));
        ledger_.start();
    };
    withoutLedger(add);
    EXPECT_EQ(answerToReport("dave"), v1::ERROR_CODE_FORBIDDEN);
    run(add);
    EXPECT_EQ(answerToReport("dave"), kGranted);
    EXPECT_THAT(fail(add), HasSubstr("already"));

    withoutLedger(disable);
    run(disable);
    EXPECT_EQ(profileOf("dave").at("disabled"), true);

    withoutLedger(remove);
    run(remove);
    EXPECT_THAT(profileOf("dave"), IsEmpty());
    EXPECT_THAT(fail(remove), HasSubstr("no agent dave of site demo"));
}

TEST_F(AccountsTest, WhatIsDoneToAccountsIsInTheAudit) {
    run({"agent", "add", "--site", "demo", "dave", "--role", "supervisor"});
    run({"agent", "disable", "--site", "demo", "dave"});
    run({"agent", "enable", "--site", "demo", "dave"});
    run({"agent", "reset-password", "--site", "demo", "dave"});
    run({"service", "reset-password", "gateway", "--site", "demo"});
    run({"agent", "remove", "--site", "demo", "dave"});
    EXPECT_THAT(
        accountDeeds(),
        ElementsAre("parlor-admin account.remove dave",
                    "parlor-admin account.reset_password gateway",
                    "parlor-admin account.reset_password dave", "parlor-admin account.enable dave",
                    "parlor-admin account.disable dave", "parlor-admin account.add dave"));
}

TEST_F(AccountsTest, WhatIsNotInTheAuditIsSaid) {
    ledger_.stop();
    const auto reset =
        broker_.admin({"agent", "reset-password", "--site", "demo", "alice", "--timeout", "3"});
    EXPECT_EQ(reset.exitCode, 0);
    EXPECT_THAT(reset.text, HasSubstr("not written to the audit of site demo: no ledger answered"));
    EXPECT_EQ(answerTo("alice"), reason::kSuccess);
    const auto service = broker_.admin({"service", "reset-password", "health"});
    EXPECT_EQ(service.exitCode, 0);
    EXPECT_THAT(service.text, HasSubstr("not written to an audit: --site says whose"));
}

TEST_F(AccountsTest, ADisabledAgentIsOutAtOnceAndColleaguesAreTold) {
    auto bob = broker_.client("bob");
    ASSERT_EQ(bob.subscribe("parlor/demo/a/+/status"), reason::kGrantedQos1);
    auto alice = broker_.client("alice");
    run({"agent", "disable", "--site", "demo", "alice"});
    EXPECT_EQ(alice.awaitEnd(), reason::kAdministrativeAction);
    EXPECT_EQ(stateIn(bob.next()), v1::AgentStatus::STATE_OFFLINE);
    auto late = broker_.client("bob");  // who comes later sees it, too
    ASSERT_EQ(late.subscribe("parlor/demo/a/+/status"), reason::kGrantedQos1);
    EXPECT_EQ(stateIn(late.next()), v1::AgentStatus::STATE_OFFLINE);
    EXPECT_EQ(answerTo("alice"), reason::kNotAuthorized);
    EXPECT_EQ(answerTo("bob"), reason::kSuccess);

    run({"agent", "enable", "--site", "demo", "alice"});
    EXPECT_EQ(answerTo("alice"), reason::kSuccess);
}

TEST_F(AccountsTest, ARemovedAgentIsGone) {
    auto bob = broker_.client("bob");
    ASSERT_EQ(bob.subscribe("parlor/demo/a/+/status"), reason::kGrantedQos1);
    const auto account = broker_.account("alice");
    RawClient alice(broker_.port(), account);
    run({"agent", "remove", "--site", "demo", "alice"});
    EXPECT_EQ(alice.awaitEnd(), reason::kAdministrativeAction);
    EXPECT_EQ(stateIn(bob.next()), v1::AgentStatus::STATE_OFFLINE);
    EXPECT_EQ(bob.next().payload, "");  // and forgotten
    EXPECT_EQ(RawClient(broker_.port()).connect(account), reason::kNotAuthorized);
    EXPECT_FALSE(std::filesystem::exists(broker_.passwordFile("alice")));
    EXPECT_THAT(fail({"agent", "remove", "--site", "demo", "alice"}),
                HasSubstr("no agent alice of site demo"));
    // Nobody inherits the name's rights: added anew they are made anew.
    run({"agent", "add", "--site", "demo", "alice"});
    EXPECT_EQ(answerTo("alice"), reason::kSuccess);
}

TEST_F(AccountsTest, AResetPasswordReplacesTheOldOne) {
    const auto before = broker_.account("alice");
    RawClient alice(broker_.port(), before);
    run({"agent", "reset-password", "--site", "demo", "alice"});
    EXPECT_EQ(alice.awaitEnd(), reason::kAdministrativeAction);
    EXPECT_EQ(RawClient(broker_.port()).connect(before), reason::kNotAuthorized);
    EXPECT_EQ(answerTo("alice"), reason::kSuccess);

    const TempDir scratch;
    const auto chosen = scratch.write("chosen", "correct horse battery\n");
    run({"agent", "reset-password", "--site", "demo", "alice", "--password-file", chosen});
    EXPECT_EQ(RawClient(broker_.port())
                  .connect({.username = "alice", .password = "correct horse battery"}),
              reason::kSuccess);
    const auto tooShort = scratch.write("short", "short\n");
    EXPECT_THAT(
        fail({"agent", "reset-password", "--site", "demo", "alice", "--password-file", tooShort}),
        HasSubstr("at least 12"));
}

TEST_F(AccountsTest, ThePasswordIsShownOnceWhereNoFolderIsGiven) {
    const auto result = run({"agent", "add", "--site", "demo", "erin", "--secrets", ""});
    const std::string password(result.at("password").as_string());
    EXPECT_THAT(password, SizeIs(24));
    EXPECT_EQ(RawClient(broker_.port()).connect({.username = "erin", .password = password}),
              reason::kSuccess);
    EXPECT_THAT(broker_.log(), Not(HasSubstr(password)));
}

TEST_F(AccountsTest, OneAccountMayServeTwoSites) {
    EXPECT_THAT(fail({"agent", "add", "--site", "shop", "alice"}), HasSubstr("another site"));
    run({"agent", "add", "--site", "shop", "alice", "--existing"});
    {
        auto alice = broker_.client("alice");
        for (const auto* site : {"demo", "shop"}) {
            EXPECT_EQ(alice.publish({.topic = conversationTopic(site, "in/agent/alice")}),
                      reason::kSuccess);
        }
    }
    EXPECT_EQ(run({"agent", "remove", "--site", "demo", "alice"}).at("account_deleted"), false);
    auto alice = broker_.client("alice");
    EXPECT_EQ(alice.publish({.topic = conversationTopic("demo", "in/agent/alice")}),
              reason::kNotAuthorized);
    EXPECT_EQ(alice.publish({.topic = conversationTopic("shop", "in/agent/alice")}),
              reason::kSuccess);
}

TEST_F(AccountsTest, ASiteComesAndGoes) {
    const auto added = run({"site", "add", "toys"});
    EXPECT_EQ(added.at("department"), "general");
    EXPECT_EQ(added.at("gateway_properties").at(0), "sites.toys.origins = https://SHOP.EXAMPLE");
    EXPECT_THAT(fail({"site", "add", "toys"}), HasSubstr("has departments already"));
    run({"agent", "add", "--site", "toys", "dave"});
    const auto sites = run({"site", "list"}).as_array();
    ASSERT_EQ(sites.size(), 3U);
    EXPECT_EQ(sites[2], (json::value{{"site", "toys"}, {"agents", 1}}));

    EXPECT_THAT(fail({"site", "remove", "toys"}), HasSubstr("has agents, such as dave"));
    run({"agent", "remove", "--site", "toys", "dave"});
    run({"site", "remove", "toys"});
    EXPECT_EQ(run({"site", "list"}).as_array().size(), 2U);
    EXPECT_FALSE(run({"directory", "list", "--site", "toys"}).as_object().contains("departments"));
}

TEST_F(AccountsTest, MistakesAreSaid) {
    EXPECT_THAT(fail({"agent", "add", "--site", "demo", "alice"}), HasSubstr("already"));
    for (const auto* name : {"health", "bridge"}) {
        EXPECT_THAT(fail({"agent", "add", "--site", "demo", name}), HasSubstr("part of Parlor"));
    }
    for (const auto* name :
         {"gateway", "ledger", "parlor-admin", "Alice", "a b", "a/b", "+", "#", "$SYS"}) {
        EXPECT_THAT(fail({"agent", "add", "--site", "demo", name}), HasSubstr("agent: must be"));
    }
    EXPECT_THAT(fail({"agent", "add", "--site", "de/mo", "zoe"}), HasSubstr("site: must be"));
    EXPECT_THAT(fail({"agent", "add", "--site", "demo", "zoe", "--role", "king"}),
                HasSubstr("role: must be"));
    EXPECT_THAT(fail({"agent", "disable", "--site", "shop", "alice"}), HasSubstr("no agent alice"));
    EXPECT_THAT(fail({"agent", "reset-password", "--site", "demo", "ledger2"}),
                HasSubstr("no agent"));
    fail({"agent", "add", "--site", "demo"}, 2);
    fail({"agents"}, 2);
    fail({}, 2);
}

TEST_F(AccountsTest, OnlyTheAdministratorManagesAccounts) {
    for (const auto* name : {"alice", "gateway", "ledger", "health"}) {
        EXPECT_THAT(fail({"agent", "list", "--admin", name, "--admin-password-file",
                          broker_.passwordFile(name)}),
                    HasSubstr("refused"))
            << name;
    }
    const TempDir scratch;
    const auto wrong = scratch.write("wrong", "not the password\n");
    EXPECT_THAT(fail({"agent", "list", "--admin-password-file", wrong}), HasSubstr("refused"));
    EXPECT_THAT(fail({"agent", "list", "--admin-password-file", scratch.file("none")}),
                HasSubstr("cannot read"));
    EXPECT_THAT(fail({"agent", "list", "--server", "tcp://127.0.0.1:1", "--timeout", "1"}),
                HasSubstr("127.0.0.1:1"));
}

TEST_F(AccountsTest, TheAdministratorHearsNoConversation) {
    auto admin = broker_.client("parlor-admin");
    for (const auto& filter : greedyFilters()) {
        const bool own = filter == "$CONTROL/dynamic-security/v1/response";
        EXPECT_EQ(admin.subscribe(filter), own ? reason::kGrantedQos1 : reason::kNotAuthorized)
            << filter;
    }
    sendEverything(broker_);
    EXPECT_THAT(admin.received(), IsEmpty());
    EXPECT_EQ(admin.publish({.topic = conversationTopic("demo", "out/log")}),
              reason::kNotAuthorized);
}

TEST_F(AccountsTest, SetupIsHarmlessAndPutsRightWhatIsWrong) {
    auto alice = broker_.client("alice");
    EXPECT_THAT(run({"setup"}).at("changed").as_array(), SizeIs(0));
    alice.received();  // nobody was disconnected

    // Somebody widened an agent's rights and turned the ledger's account off.
    auto admin = broker_.client("parlor-admin");
    ASSERT_EQ(admin.publish({.topic = "$CONTROL/dynamic-security/v1", .payload = R"({"commands":[
        {"command":"addRoleACL","rolename":"agent/demo/mallory","acltype":"publishClientSend",
         "topic":"parlor/#","allow":true},
        {"command":"disableClient","username":"ledger"},
        {"command":"addClientRole","username":"gateway","rolename":"ledger"},
        {"command":"setDefaultACLAccess","acls":[{"acltype":"subscribe","allow":true}]}]})"}),
              reason::kSuccess);
    const auto forge = [this] {
        return broker_.client("mallory").publish({.topic = conversationTopic("demo", "out/log")});
    };
    ASSERT_NE(forge(), reason::kNotAuthorized);
    run({"setup"});
    EXPECT_EQ(forge(), reason::kNotAuthorized);
    EXPECT_EQ(answerTo("ledger"), reason::kSuccess);
    EXPECT_EQ(broker_.client("gateway").publish({.topic = conversationTopic("demo", "out/log")}),
              reason::kNotAuthorized);
    EXPECT_EQ(broker_.client("mallory").subscribe("parlor/shop/#"), reason::kNotAuthorized);
}

TEST_F(AccountsTest, AllOfItSurvivesTheBrokersRestart) {
    run({"agent", "add", "--site", "demo", "dave"});
    run({"agent", "disable", "--site", "demo", "bob"});
    broker_.restart();
    EXPECT_EQ(answerTo("dave"), reason::kSuccess);
    EXPECT_EQ(answerTo("bob"), reason::kNotAuthorized);
    EXPECT_THAT(run({"setup"}).at("changed").as_array(), SizeIs(0));
}

TEST_F(AccountsTest, AServicesPasswordIsChangedWhileOthersWork) {
    auto alice = broker_.client("alice");
    auto gateway = broker_.client("gateway");
    EXPECT_THAT(fail({"service", "add", "gateway"}), HasSubstr("already"));
    run({"service", "reset-password", "gateway", "--site", "demo"});
    EXPECT_EQ(gateway.awaitEnd(), reason::kAdministrativeAction);
    EXPECT_EQ(answerTo("gateway"), reason::kSuccess);
    alice.received();
    fail({"service", "reset-password", "bridge"});
    fail({"service", "add", "alice"});
}

}  // namespace
}  // namespace parlor::test
