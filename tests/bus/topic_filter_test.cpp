#include "bus/topic_filter.h"

#include <gtest/gtest.h>

namespace parlor::bus {
namespace {

TEST(TopicFilter, AcceptsWhatMqttAllows) {
    for (const char* filter : {"a", "/", "//", "a/b", "+", "#", "+/+", "a/+/b", "a/#", "+/#", "/#",
                               "/+", "$SYS/#", "$share", "a b", "\xE4\xB8\xAD/#"}) {
        EXPECT_TRUE(parseFilter(filter)) << filter;
    }
}

TEST(TopicFilter, RefusesWhatMqttForbids) {
    for (const char* filter :
         {"", "a#", "#a", "a/#/b", "##", "a+", "+a", "a/b+/c", "a\x01", "\xFF", "a\x7F", "\xC2\x85",
          "$share/", "$share/g", "$share//a", "$share/g/", "$share/+/a", "$share/g/a#"}) {
        EXPECT_FALSE(parseFilter(filter)) << filter;
    }
    EXPECT_FALSE(parseFilter(std::string(kMaxMqttString + 1, 'a')));
    EXPECT_FALSE(parseFilter(std::string(kMaxLevels + 1, '/')));
    EXPECT_FALSE(parseFilter(std::string_view("a\0b", 3)));
}

TEST(TopicFilter, TakesSharesApart) {
    const auto shared = parseFilter("$share/ledger/parlor/+/c/#");
    ASSERT_TRUE(shared);
    EXPECT_EQ(shared->group, "ledger");
    EXPECT_EQ(shared->filter, "parlor/+/c/#");
    const auto plain = parseFilter("parlor/#");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->group, "");
    EXPECT_EQ(plain->filter, "parlor/#");
}

TEST(TopicFilter, TopicNamesHaveNoWildcards) {
    EXPECT_TRUE(isTopicName("a//b/"));
    EXPECT_TRUE(isTopicName("/"));
    EXPECT_FALSE(isTopicName(""));
    EXPECT_FALSE(isTopicName("a/+"));
    EXPECT_FALSE(isTopicName("#"));
    EXPECT_FALSE(isTopicName("a\n"));
}

TEST(TopicFilter, LevelsKeepEmptyOnes) {
    Levels levels("/a//");
    EXPECT_EQ(levels.next(), "");
    EXPECT_EQ(levels.next(), "a");
    EXPECT_EQ(levels.next(), "");
    EXPECT_EQ(levels.next(), "");
    EXPECT_EQ(levels.next(), std::nullopt);
    EXPECT_EQ(Levels("").next(), "");
}

}  // namespace
}  // namespace parlor::bus
