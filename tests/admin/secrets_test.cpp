#include "admin/secrets.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "tests/support/temp_dir.h"

namespace parlor::admin {
namespace {

unsigned modeOf(const std::string& path) {
    struct stat info{};
    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    return info.st_mode & 0777U;
}

TEST(Secrets, GeneratedPasswordsAreLongAndNeverTheSame) {
    std::set<std::string> all;
    for (int i = 0; i < 1000; ++i) {
        const auto password = generatePassword();
        EXPECT_EQ(password.size(), 24U);  // 18 bytes
        EXPECT_EQ(password.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "abcdefghijklmnopqrstuvwxyz0123456789-_"),
                  std::string::npos);
        EXPECT_TRUE(checkPassword(password));
        all.insert(password);
    }
    EXPECT_EQ(all.size(), 1000U);
}

TEST(Secrets, AFileIsForItsOwnerOnlyAndReplacedWhole) {
    const test::TempDir dir;
    const auto path = dir.file("x.password");
    dir.write("x.password", "old");
    ::chmod(path.c_str(), 0644);
    ASSERT_TRUE(writeSecret(path, "new one"));
    EXPECT_EQ(modeOf(path), 0600U);
    EXPECT_EQ(*readSecret(path), "new one");
    // Nothing else is left in the folder.
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

TEST(Secrets, AFileStaysItsOwners) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
    constexpr uid_t kOther = 4711;
    const test::TempDir dir;
    const auto path = dir.write("x.password", "old");
    ASSERT_EQ(::chown(path.c_str(), kOther, kOther), 0);
    ASSERT_TRUE(writeSecret(path, "new one"));
    struct stat info{};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, kOther);
    EXPECT_EQ(info.st_gid, kOther);
    EXPECT_EQ(modeOf(path), 0600U);
}

TEST(Secrets, WhatCannotBeReadOrWrittenIsSaid) {
    const test::TempDir dir;
    EXPECT_EQ(readSecret(dir.file("none")).error().code, Errc::notFound);
    dir.write("empty", "\n");
    EXPECT_EQ(readSecret(dir.file("empty")).error().code, Errc::malformed);
    dir.write("long", std::string(2000, 'x'));
    EXPECT_EQ(readSecret(dir.file("long")).error().code, Errc::malformed);
    dir.write("windows", "secret\r\n");
    EXPECT_EQ(*readSecret(dir.file("windows")), "secret");
    EXPECT_EQ(writeSecret(dir.file("no/such/folder"), "x").error().code, Errc::unavailable);
}

TEST(Secrets, ShortOrBrokenPasswordsAreRefused) {
    EXPECT_TRUE(checkPassword("twelve chars"));
    EXPECT_FALSE(checkPassword("eleven char"));
    EXPECT_FALSE(checkPassword("with a \x01 control"));
    EXPECT_FALSE(checkPassword("not utf-8 \xff\xfe!!!"));
}

}  // namespace
}  // namespace parlor::admin
