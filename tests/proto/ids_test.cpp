#include "proto/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <unordered_set>

#include "proto/cursor.h"
#include "tests/proto/generator.h"

namespace parlor {
namespace {

using test::Generator;

TEST(Ulid, TextAndBytesAreEachOthersInverse) {
    Generator random(1);
    for (int i = 0; i < 2000; ++i) {
        const auto id = random.ulid();
        const auto text = id.str();
        ASSERT_EQ(text.size(), 26U);
        const auto back = Ulid::parse(text);
        ASSERT_TRUE(back) << text;
        ASSERT_EQ(*back, id) << text;
        ASSERT_EQ(Ulid::fromBytes(id.bytes()), id);
    }
}

TEST(Ulid, KnownText) {
    EXPECT_EQ(Ulid().str(), "00000000000000000000000000");
    EXPECT_TRUE(Ulid::parse("00000000000000000000000000")->isNone());
    std::array<std::uint8_t, 16> ones{};
    ones.fill(0xFF);
    EXPECT_EQ(Ulid::fromBytes(ones).str(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    // The specification's own example, and its time.
    const auto id = Ulid::parse("01ARYZ6S41TSV4RRFFQ69G5FAV");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->time().time_since_epoch(), std::chrono::milliseconds(1469918176385));
    EXPECT_EQ(Ulid::parse("01aryz6s41tsv4rrffq69g5fav").value(), *id);
}

TEST(Ulid, OrderIsThatOfItsTextAndTime) {
    Generator random(2);
    for (int i = 0; i < 2000; ++i) {
        const auto a = random.ulid();
        const auto b = random.ulid();
        ASSERT_EQ(a < b, a.str() < b.str()) << a.str() << " " << b.str();
    }
    const std::chrono::system_clock::time_point start(std::chrono::milliseconds(1700000000000));
    auto last = Ulid::generate(start);
    for (int ms = 1; ms < 100; ++ms) {
        const auto next = Ulid::generate(start + std::chrono::milliseconds(ms));
        EXPECT_LT(last, next);
        EXPECT_EQ(next.time(), start + std::chrono::milliseconds(ms));
        last = next;
    }
}

TEST(Ulid, RefusesWhatIsNone) {
    const std::string good = "01ARYZ6S41TSV4RRFFQ69G5FAV";
    for (const std::string& bad :
         {std::string(), good.substr(1), good + "0", std::string(26, ' '), "8" + good.substr(1),
          "Z" + good.substr(1), std::string("8ZZZZZZZZZZZZZZZZZZZZZZZZZ")}) {
        const auto id = Ulid::parse(bad);
        ASSERT_FALSE(id) << bad;
        EXPECT_EQ(id.error().code, Errc::malformed);
    }
    for (int c = 0; c < 256; ++c) {
        std::string text = good;
        text[10] = static_cast<char>(c);
        const bool crockford = std::isalnum(c) != 0 &&
                               std::string_view("ILOUilou").find(text[10]) == std::string::npos;
        EXPECT_EQ(Ulid::parse(text).has_value(), crockford) << c;
    }
    Generator random(3);
    for (int i = 0; i < 2000; ++i) (void)Ulid::parse(random.mutated(good));
}

TEST(Ulid, ManyThreadsMakeDifferentOnes) {
    constexpr std::size_t kEach = 5000;
    std::vector<std::vector<Ulid>> made(4);
    std::vector<std::thread> threads;
    for (auto& list : made) {
        threads.emplace_back([&list] {
            for (std::size_t i = 0; i < kEach; ++i) list.push_back(Ulid::generate());
        });
    }
    for (auto& thread : threads) thread.join();
    std::unordered_set<Ulid> all;
    for (const auto& list : made) all.insert(list.begin(), list.end());
    EXPECT_EQ(all.size(), made.size() * kEach);
}

TEST(Ids, ErrorsNameTheirKind) {
    EXPECT_TRUE(ConversationId::parse("x").error().text.starts_with("conversation id: "));
    EXPECT_TRUE(RequestId::parse("x").error().text.starts_with("request_id: "));
    EXPECT_TRUE(AgentId::parse("").error().text.starts_with("agent: "));
}

TEST(Names, AlphabetsAndLengths) {
    EXPECT_TRUE(SiteId::parse("my-shop-2"));
    EXPECT_TRUE(SiteId::parse(std::string(32, 'a')));
    EXPECT_FALSE(SiteId::parse(std::string(33, 'a')));
    EXPECT_TRUE(AgentId::parse("anna.k_2-x"));
    EXPECT_TRUE(AgentId::parse(std::string(64, 'a')));
    EXPECT_FALSE(AgentId::parse(std::string(65, 'a')));
    EXPECT_FALSE(SiteId::parse("my.shop"));
    for (const char* bad : {"", "A", "a b", "a/b", "+", "#", "a\n", "\xC3\xA4", "$x"}) {
        EXPECT_FALSE(SiteId::parse(bad)) << bad;
        EXPECT_FALSE(AgentId::parse(bad)) << bad;
        EXPECT_FALSE(DepartmentId::parse(bad)) << bad;
        EXPECT_FALSE(ClientId::parse(bad)) << bad;
    }
    EXPECT_FALSE(AgentId::parse(std::string_view("a\0b", 3)));
}

TEST(Names, NoAgentBearsThePartsNames) {
    EXPECT_FALSE(AgentId::parse("gateway"));
    EXPECT_FALSE(AgentId::parse("ledger"));
    EXPECT_TRUE(AgentId::parse("gateway2"));
    EXPECT_TRUE(CallerId::parse("gateway"));
    EXPECT_TRUE(PartyId::parse("ledger"));
}

TEST(Cursor, TextAndValueAreEachOthersInverse) {
    constexpr auto kMax32 = std::numeric_limits<std::uint32_t>::max();
    constexpr auto kMax64 = std::numeric_limits<std::uint64_t>::max();
    for (const Cursor cursor : {Cursor{0, 0}, Cursor{1, 17}, Cursor{kMax32, kMax64}}) {
        EXPECT_EQ(Cursor::parse(cursor.str()).value(), cursor) << cursor.str();
    }
    EXPECT_EQ((Cursor{1, 17}.str()), "1.17");
    EXPECT_EQ(Cursor::parse("17").value(), (Cursor{0, 17}));
    EXPECT_EQ(Cursor::parse("0").value(), Cursor());
}

TEST(Cursor, RefusesWhatIsNone) {
    for (const char* bad : {"",
                            ".",
                            "1.",
                            ".1",
                            "-1",
                            "+1",
                            "1.-1",
                            "1.+1",
                            " 1",
                            "1 ",
                            "1. 1",
                            "1.1.1",
                            "0x1",
                            "1e3",
                            "a",
                            "1.a",
                            "4294967296.1",
                            "1.18446744073709551616",
                            "18446744073709551616",
                            "1,1"}) {
        const auto cursor = Cursor::parse(bad);
        ASSERT_FALSE(cursor) << bad;
        EXPECT_EQ(cursor.error().code, Errc::malformed);
    }
    Generator random(4);
    for (int i = 0; i < 2000; ++i) (void)Cursor::parse(random.mutated("1.17"));
}

}  // namespace
}  // namespace parlor
