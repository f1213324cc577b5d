#include "tests/security/hostile_test.h"

namespace parlor::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class SignIn : public HostileTest {
 protected:
    int answerTo(const RawClient::Account& account) {
        return RawClient(broker_.port()).connect(account);
    }
};

TEST_P(SignIn, IsForThoseWithTheRightPassword) {
    EXPECT_EQ(answerTo(broker_.account("alice")), reason::kSuccess);
    EXPECT_EQ(answerTo({.username = "alice", .password = "wrong"}), reason::kNotAuthorized);
    EXPECT_EQ(answerTo({.username = "alice", .password = ""}), reason::kNotAuthorized);
    EXPECT_EQ(answerTo({.username = "nobody", .password = "wrong"}), reason::kNotAuthorized);
    EXPECT_EQ(answerTo({.username = "", .password = ""}), reason::kNotAuthorized);
    EXPECT_EQ(answerTo({.anonymous = true}), reason::kNotAuthorized);
    // Somebody else's password.
    EXPECT_EQ(answerTo({.username = "ledger", .password = broker_.account("mallory").password}),
              reason::kNotAuthorized);
}

TEST_P(SignIn, NamesAreCaseSensitiveAndTakenWhole) {
    const auto password = broker_.account("alice").password;
    for (const auto* name :
         {"Alice", "alice ", " alice", "alic", "alice/", "demo/alice", "+", "#"}) {
        EXPECT_EQ(answerTo({.username = name, .password = password}), reason::kNotAuthorized)
            << name;
    }
}

TEST_P(SignIn, NothingIsServedBeforeIt) {
    RawClient stranger(broker_.port());
    stranger.sendBytes(publishPacket({.topic = conversationTopic("demo", "in/visitor")}, 1));
    EXPECT_NE(stranger.awaitEnd(), reason::kSuccess);
}

TEST_P(SignIn, AWillIsAPublicationLikeAnyOther) {
    auto bob = broker_.client("bob");
    auto carol = broker_.client("carol");
    for (auto* watcher : {&bob, &carol}) {
        for (const std::string site : {"demo", "shop"}) {
            watcher->subscribe("parlor/" + site + "/a/+/status");
            watcher->subscribe("parlor/" + site + "/d/+");
            watcher->subscribe("parlor/" + site + "/c/+/#");
        }
    }
    // Another client of the same id ends the first, and the broker is done with its will before it
    // lets the other one in.
    const auto die = [this](const std::string& topic) {
        auto account = broker_.account("mallory");
        account.clientId = "mallory-1";
        RawClient successor(broker_.port());
        auto withWill = account;
        withWill.will = {.topic = topic, .payload = "gone", .retain = true};
        RawClient doomed(broker_.port(), withWill);
        EXPECT_EQ(successor.connect(account), reason::kSuccess);
        EXPECT_THAT(doomed.awaitEnd(), testing::AnyOf(reason::kTakenOver, reason::kClosed));
    };
    die("parlor/demo/a/mallory/status");
    EXPECT_EQ(bob.next().topic, "parlor/demo/a/mallory/status");

    for (const auto& topic :
         {std::string("parlor/demo/a/alice/status"), std::string("parlor/shop/a/mallory/status"),
          std::string("parlor/demo/d/general"), conversationTopic("demo", "out/log"),
          conversationTopic("shop", "staff/log")}) {
        die(topic);
        EXPECT_THAT(topicsOf(bob.received()), testing::IsEmpty()) << topic;
        EXPECT_THAT(topicsOf(carol.received()), testing::IsEmpty()) << topic;
    }
}

TEST_P(SignIn, RefusalsAreLoggedAndPasswordsNever) {
    EXPECT_EQ(answerTo({.username = "alice", .password = "a wrong password"}),
              reason::kNotAuthorized);
    broker_.client("alice");
    EXPECT_THAT(broker_.log(), HasSubstr("not authorised"));
    EXPECT_THAT(broker_.log(), Not(HasSubstr("a wrong password")));
    EXPECT_THAT(broker_.log(), Not(HasSubstr(broker_.account("alice").password)));
}

PARLOR_BOTH_ACCOUNTS(SignIn);

}  // namespace
}  // namespace parlor::test
