#include "ledger/search/terms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace parlor::ledger {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(Terms, WordsInOneCase) {
    EXPECT_THAT(termsOf("My ORDER, my order #42!"), UnorderedElementsAre("my", "order", "42"));
    EXPECT_THAT(termsOf("Straße ＡＢＣ naïve"), UnorderedElementsAre("strasse", "abc", "naïve"));
    // The same letter, composed and not.
    EXPECT_EQ(termsOf("caf\u00e9"), termsOf("cafe\u0301"));
    EXPECT_THAT(termsOf("Привет ΑΒΓ"), UnorderedElementsAre("привет", "αβγ"));
}

TEST(Terms, PairsWhereThereAreNoSpaces) {
    EXPECT_THAT(termsOf("我要退款"), UnorderedElementsAre("我要", "要退", "退款"));
    EXPECT_THAT(termsOf("订单，退款"), UnorderedElementsAre("订单", "退款"));
    EXPECT_THAT(termsOf("用iPhone付款"), UnorderedElementsAre("iphone", "付款"));
    EXPECT_THAT(termsOf("ありがとう"), UnorderedElementsAre("あり", "りが", "がと", "とう"));
    EXPECT_THAT(termsOf("환불해"), UnorderedElementsAre("환불", "불해"));
}

TEST(Terms, NothingOfWhatHasNoLetters) {
    EXPECT_THAT(termsOf(""), IsEmpty());
    EXPECT_THAT(termsOf(" \n😀 ！？… \xff\xfe"), IsEmpty());
    EXPECT_THAT(termsOf("好"), IsEmpty());
}

TEST(Terms, LongWordsAreFoundByTheirBeginning) {
    const std::string word(5000, 'x');
    EXPECT_THAT(termsOf(word), ElementsAre(std::string(kMaxTermLength, 'x')));
    EXPECT_THAT(SearchQuery::parse(word)->terms, ElementsAre(std::string(kMaxTermLength, 'x')));
}

TEST(SearchQuery, WhatIsWrittenTogetherMustStandTogether) {
    const auto query = SearchQuery::parse("退款申请");
    ASSERT_TRUE(query);
    EXPECT_TRUE(query->fits("我要退款申请！"));
    EXPECT_FALSE(query->fits("退款，款申，申请"));
    const auto two = SearchQuery::parse("退款 order");
    EXPECT_THAT(two->terms, UnorderedElementsAre("退款", "order"));
    EXPECT_THAT(two->phrases, IsEmpty());
    // One character narrows where there is something else to look for.
    EXPECT_FALSE(SearchQuery::parse("款 order")->fits("order"));
    EXPECT_TRUE(SearchQuery::parse("款 order")->fits("退款 ORDER"));
}

TEST(SearchQuery, NothingToLookForIsMalformed) {
    for (const auto* text : {"", "  ", "!?", "款", "\xff"}) {
        EXPECT_EQ(SearchQuery::parse(text).error().code, Errc::malformed) << text;
    }
}

}  // namespace
}  // namespace parlor::ledger
