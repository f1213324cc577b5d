#include "gateway/session/token.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/support/temp_dir.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;
using WallTime = std::chrono::system_clock::time_point;

class TokenTest : public testing::Test {
 protected:
    Tokens make(std::vector<TokenKey> keys) {
        return Tokens(std::move(keys), 1h, [this] { return now; }, stats);
    }

    const TokenKey old{"k1", std::string(32, 'a')};
    const TokenKey fresh{"k2", std::string(32, 'b')};
    const SiteId site = *SiteId::parse("demo");
    const ConversationId conversation = ConversationId::generate();
    WallTime now{std::chrono::seconds(1'795'560'000)};
    Stats stats;
};

TEST_F(TokenTest, WhatWasSignedIsGranted) {
    Tokens tokens = make({old});
    const auto grant = tokens.check(tokens.sign(site, conversation));
    ASSERT_TRUE(grant);
    EXPECT_EQ(grant->site, site);
    EXPECT_EQ(grant->conversation, conversation);
    EXPECT_EQ(grant->expires, now + 1h);
}

TEST_F(TokenTest, ItExpiresEvenWhereItIsRemembered) {
    Tokens tokens = make({old});
    const std::string token = tokens.sign(site, conversation);
    EXPECT_TRUE(tokens.check(token));
    now += 59min;
    EXPECT_TRUE(tokens.check(token));
    now += 2min;
    EXPECT_FALSE(tokens.check(token));
    EXPECT_FALSE(make({old}).check(token));
}

TEST_F(TokenTest, EveryKeyVerifiesTheFirstSigns) {
    const std::string byOld = make({old}).sign(site, conversation);
    Tokens both = make({fresh, old});
    EXPECT_TRUE(both.check(byOld));
    const std::string byNew = both.sign(site, conversation);
    EXPECT_TRUE(make({fresh}).check(byNew));
    EXPECT_FALSE(make({old}).check(byNew));
    EXPECT_FALSE(make({fresh}).check(byOld));
}

TEST_F(TokenTest, ARequestOpensTheSameConversationEverywhere) {
    const auto request = RequestId::generate();
    const auto opened = make({old}).conversationOf(site, request);
    EXPECT_EQ(make({old}).conversationOf(site, request), opened);
    EXPECT_EQ(make({fresh, old}).conversationOf(site, request), opened);
    EXPECT_EQ(opened.ulid().time(), request.ulid().time());
    EXPECT_NE(make({fresh}).conversationOf(site, request), opened);
    EXPECT_NE(make({old}).conversationOf(*SiteId::parse("other"), request), opened);
    EXPECT_NE(make({old}).conversationOf(site, RequestId::generate()), opened);
    EXPECT_NE(opened.ulid(), request.ulid());
    // What agents read of it is neither.
    const auto recorded = make({old}).recordedRequest(site, request);
    EXPECT_EQ(make({old}).recordedRequest(site, request), recorded);
    EXPECT_NE(recorded, request);
    EXPECT_NE(recorded.ulid(), opened.ulid());
}

TEST_F(TokenTest, AKeyOfItsOwnKeepsOpeningsWhereTheyWereWhileOthersChange) {
    const TokenKey opening{std::string(kOpeningKid), std::string(32, 'o')};
    const auto request = RequestId::generate();
    const auto opened = make({old, opening}).conversationOf(site, request);
    EXPECT_EQ(make({fresh, old, opening}).conversationOf(site, request), opened);
    EXPECT_EQ(make({opening, fresh}).conversationOf(site, request), opened);
    // It signs nothing.
    Tokens tokens = make({opening, fresh});
    EXPECT_TRUE(make({fresh}).check(tokens.sign(site, conversation)));
}

TEST_F(TokenTest, TheSameKidWithAnotherSecretIsRefused) {
    const std::string token = make({{"k1", std::string(32, 'x')}}).sign(site, conversation);
    EXPECT_FALSE(make({old}).check(token));
}

TEST_F(TokenTest, AnyByteChangedIsRefused) {
    Tokens tokens = make({old});
    const std::string token = tokens.sign(site, conversation);
    // The last character of a base64 group has spare bits; all others count.
    for (std::size_t i = 0; i + 1 < token.size(); ++i) {
        if (i + 1 < token.size() && token[i + 1] == '.') continue;
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(tokens.check(changed)) << i;
    }
}

TEST_F(TokenTest, NonsenseIsRefused) {
    Tokens tokens = make({old});
    const std::string none = "eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.eyJpc3MiOiJwYXJsb3IifQ.";
    for (const std::string& token :
         {std::string(), std::string("x"), std::string("a.b.c"), std::string(".."),
          std::string("\xff\xfe.\x00.\x01", 7), std::string(5000, 'a'), none, std::string(400, '['),
          "W1tbW1tb." + std::string(900, 'W') + ".x"}) {
        EXPECT_FALSE(tokens.check(token)) << token.substr(0, 40);
    }
    EXPECT_EQ(stats.tokensRefused.value(), 9U);
}

TEST_F(TokenTest, RememberedTokensAreBounded) {
    constexpr std::size_t kMost = 10;
    Tokens tokens(std::vector{old}, 1h, [this] { return now; }, stats, kMost);
    const std::string used = tokens.sign(site, conversation);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(tokens.check(tokens.sign(site, ConversationId::generate())));
        const auto grant = tokens.check(used);
        ASSERT_TRUE(grant);
        EXPECT_EQ(grant->conversation, conversation);
        EXPECT_LE(stats.tokensCached.value(), kMost);
    }
    EXPECT_GE(stats.tokensCached.value(), kMost / 2);
}

TEST_F(TokenTest, KeysThatAreReplacedServeEverybodyFromTheNextCall) {
    TokenKeys keys(std::vector{old});
    Tokens one(keys, 1h, [this] { return now; }, stats);
    Stats otherStats;
    Tokens other(keys, 1h, [this] { return now; }, otherStats);
    const std::string byOld = one.sign(site, conversation);
    const std::string byFresh = make({fresh}).sign(site, conversation);
    EXPECT_TRUE(one.check(byOld));  // and is remembered
    EXPECT_FALSE(one.check(byFresh));

    keys.replace({fresh, old});
    EXPECT_TRUE(one.check(byOld));
    EXPECT_TRUE(one.check(byFresh));
    EXPECT_TRUE(other.check(byFresh));
    EXPECT_TRUE(make({fresh}).check(other.sign(site, conversation)));

    keys.replace({fresh});
    EXPECT_FALSE(one.check(byOld));
    EXPECT_FALSE(other.check(byOld));
    EXPECT_TRUE(one.check(byFresh));
    EXPECT_EQ(stats.tokensCached.value(), 1);
    const auto request = RequestId::generate();
    EXPECT_EQ(one.conversationOf(site, request), make({fresh}).conversationOf(site, request));
}

// Shards are threads: for the thread sanitizer, and for what is signed and checked meanwhile.
TEST_F(TokenTest, KeysAreReplacedWhileShardsUseThem) {
    TokenKeys keys(std::vector{old});
    const std::string byOld = make({old}).sign(site, conversation);
    std::atomic<bool> stop{false};
    std::atomic<int> refused{0};
    std::atomic<int> checked{0};
    const auto shard = [&] {
        Stats own;
        Tokens tokens(keys, 1h, [this] { return now; }, own);
        while (!stop) {
            if (!tokens.check(byOld)) ++refused;
            if (!tokens.check(tokens.sign(site, ConversationId::generate()))) ++refused;
            ++checked;
        }
    };
    std::thread shards[] = {std::thread(shard), std::thread(shard)};
    for (int i = 0; i < 200 || checked < 1000; ++i) {
        keys.replace(i % 2 == 0 ? std::vector{fresh, old} : std::vector{old, fresh});
    }
    stop = true;
    for (auto& thread : shards) thread.join();
    EXPECT_EQ(refused, 0);
}

class KeyFileTest : public testing::Test {
 protected:
    std::vector<TokenKey> read(const std::string& text) {
        return readTokenKeys(dir.write("keys", text));
    }
    std::string refusal(const std::string& text) {
        try {
            read(text);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "";
    }
    parlor::test::TempDir dir;
};

TEST_F(KeyFileTest, HexAndBase64AndComments) {
    const auto keys = read("# keys\n\nnew:" + std::string(64, '6') +
                           "\r\nold:" + "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=\n");
    ASSERT_EQ(keys.size(), 2U);
    EXPECT_EQ(keys[0].kid, "new");
    EXPECT_EQ(keys[0].secret, std::string(32, 'f'));
    EXPECT_EQ(keys[1].secret, std::string(32, 'a'));
}

TEST_F(KeyFileTest, WhatIsWrongIsSaidWithoutTheSecret) {
    EXPECT_NE(refusal("").find("no key"), std::string::npos);
    EXPECT_NE(refusal("opening:" + std::string(64, '6')).find("no key"), std::string::npos);
    EXPECT_NE(refusal("k1").find("line 1"), std::string::npos);
    EXPECT_NE(refusal("K 1:" + std::string(64, '6')).find("kid"), std::string::npos);
    const std::string brief = refusal("k1:6162636465");
    EXPECT_NE(brief.find("at least 32"), std::string::npos);
    EXPECT_EQ(brief.find("6162636465"), std::string::npos);
    const std::string two = "k1:" + std::string(64, '6') + "\n";
    EXPECT_NE(refusal(two + two).find("twice"), std::string::npos);
    EXPECT_THROW(readTokenKeys(dir.file("absent")), std::runtime_error);
}

}  // namespace
}  // namespace parlor::gateway::test
