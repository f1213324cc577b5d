// The keys' file as the command changes it and a gateway reads it.

#include "admin/token_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "gateway/session/token.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace parlor::admin {
namespace {

using gateway::readTokenKeys;
using gateway::Tokens;
using parlor::test::Process;
using parlor::test::readFile;
using parlor::test::TempDir;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const SiteId kSite = *SiteId::parse("shop");

// A gateway that has read the file.
class Gateway {
 public:
    explicit Gateway(const std::string& file)
        : tokens_(readTokenKeys(file), std::chrono::hours(1), &std::chrono::system_clock::now,
                  stats_) {}
    std::string sign() { return tokens_.sign(kSite, ConversationId(Ulid::generate())); }
    bool takes(const std::string& token) { return tokens_.check(token).has_value(); }
    ConversationId conversationOf(const RequestId& request) {
        return tokens_.conversationOf(kSite, request);
    }

 private:
    gateway::Stats stats_;
    Tokens tokens_;
};

class KeyCommands : public testing::Test {
 protected:
    int run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {PARLOR_ADMIN, "key"});
        arguments.insert(arguments.end(), {"--file", file_});
        const TempDir scratch;
        Process process({.arguments = std::move(arguments),
                         .logFile = scratch.file("out"),
                         .environment = {},
                         .workingDirectory = {}});
        const auto code = process.wait(std::chrono::seconds(30)).value_or(-1);
        output_ = process.log();
        return code;
    }

    const TempDir dir_;
    const std::string file_ = dir_.file("token.key");
    std::string output_;
};

TEST_F(KeyCommands, ARotationLeavesNobodyOutAndNoIdChanges) {
    ASSERT_EQ(run({"add"}), 0) << output_;
    Gateway before(file_);
    const RequestId request(Ulid::generate());
    ASSERT_EQ(run({"add", "summer"}), 0) << output_;
    Gateway adding(file_);
    ASSERT_EQ(run({"use", "summer"}), 0) << output_;
    Gateway using_(file_);
    ASSERT_EQ(run({"remove", "k1"}), 0) << output_;
    Gateway after(file_);

    EXPECT_TRUE(adding.takes(before.sign()));
    EXPECT_TRUE(before.takes(adding.sign())) << "it signs with what others do not know";
    EXPECT_TRUE(adding.takes(using_.sign()));
    EXPECT_FALSE(before.takes(using_.sign()));
    EXPECT_TRUE(using_.takes(before.sign()));
    EXPECT_TRUE(after.takes(using_.sign()));
    EXPECT_FALSE(after.takes(before.sign()));
    for (auto* each : {&adding, &using_, &after}) {
        EXPECT_EQ(each->conversationOf(request), before.conversationOf(request));
    }
}

TEST_F(KeyCommands, IdsDoNotChangeEitherWhereNoKeyIsNamedForThem) {
    dir_.write("token.key", "k1:" + std::string(64, 'a') + "\nk2:" + std::string(64, 'b') + "\n");
    const RequestId request(Ulid::generate());
    const auto id = Gateway(file_).conversationOf(request);
    for (const auto& step : {std::vector<std::string>{"add"}, {"use", "k3"}, {"remove", "k2"}}) {
        ASSERT_EQ(run(step), 0) << output_;
        EXPECT_EQ(Gateway(file_).conversationOf(request), id) << step[0];
    }
}

TEST_F(KeyCommands, OnlyItsOwnerReadsTheFileAndNobodyIsShownASecret) {
    ASSERT_EQ(run({"add"}), 0) << output_;
    struct stat file{};
    ASSERT_EQ(::stat(file_.c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777U, 0600U);
    const auto secret = readTokenKeys(file_).front().secret;
    EXPECT_EQ(secret.size(), 32U);
    ASSERT_EQ(run({"list"}), 0);
    EXPECT_EQ(output_, "k1  signs\nopening  opening\n");
    ASSERT_EQ(run({"add"}), 0);
    EXPECT_THAT(output_, StartsWith("added k2; copy " + file_));
    ASSERT_EQ(run({"list", "--json"}), 0);
    EXPECT_EQ(output_, R"([{"kid":"k1","use":"signs"},{"kid":"k2","use":"verifies"},)"
                       R"({"kid":"opening","use":"opening"}])"
                       "\n");
}

TEST_F(KeyCommands, CommentsStay) {
    dir_.write("token.key", "# ours\n\nk1:" + std::string(64, 'a') + "\n# theirs\nk2:" +
                                std::string(64, 'b') + "\nopening:" + std::string(64, 'c') + "\n");
    ASSERT_EQ(run({"use", "k2"}), 0) << output_;
    EXPECT_EQ(readFile(file_), "# ours\n\nk2:" + std::string(64, 'b') +
                                   "\nk1:" + std::string(64, 'a') +
                                   "\n# theirs\nopening:" + std::string(64, 'c') + "\n");
}

TEST_F(KeyCommands, WhatIsInUseStays) {
    ASSERT_EQ(run({"add"}), 0);
    ASSERT_EQ(run({"add"}), 0);
    const auto before = readFile(file_);
    const auto refused = [&](const std::vector<std::string>& what, const std::string& why) {
        EXPECT_EQ(run(what), 1);
        EXPECT_THAT(output_, HasSubstr(why));
        EXPECT_EQ(readFile(file_), before);
    };
    refused({"remove", "k1"}, "k1 signs");
    refused({"remove", "opening"}, "it stays");
    refused({"remove", "k9"}, "there is no key k9");
    refused({"use", "k9"}, "there is no key k9");
    refused({"use", "opening"}, "there is no key opening");
    refused({"add", "k2"}, "there is a key k2");
    refused({"add", "opening"}, "is made with the first one");
    refused({"add", "NO"}, "a-z 0-9");
    EXPECT_EQ(run({"use"}), 2);
}

TEST_F(KeyCommands, WhatIsNoFileOfKeysIsLeftAlone) {
    dir_.write("token.key", "k1:" + std::string(64, 'a') + "\na secret without a name\n");
    EXPECT_EQ(run({"add"}), 1);
    EXPECT_THAT(output_, HasSubstr("line 2: expected kid:secret"));
    EXPECT_THAT(output_, Not(HasSubstr("a secret")));
    dir_.write("token.key", "k1:" + std::string(64, 'a') + "\nk1:" + std::string(64, 'b') + "\n");
    EXPECT_EQ(run({"list"}), 1);
    EXPECT_THAT(output_, HasSubstr("k1 is there twice"));
}

}  // namespace
}  // namespace parlor::admin
