// The directory's promises, on every database that is installed.

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "ledger/store/directory.h"
#include "tests/ledger/store_suite.h"

namespace parlor::ledger::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const SiteId kShop = *SiteId::parse("shop");
const SiteId kOther = *SiteId::parse("other");

Deed deed(const std::string& target, const SiteId& site = kShop) {
    return {site, "root", "directory.save_agent", target};
}

class DirectoryStoreTest : public StoreSuite {
 protected:
    void SetUp() override {
        StoreSuite::SetUp();
        if (store_) directory_ = store_->makeDirectory();
    }

    std::unique_ptr<DirectoryStore> directory_;
};

TEST_P(DirectoryStoreTest, KeepsWhatWasSavedLast) {
    const EntryKey key{kShop, EntryKind::agent, "alice"};
    const auto before = *directory_->version();
    const auto first = directory_->save(key, std::string("a\0\xff", 3), 0, deed("alice"));
    ASSERT_TRUE(first) << first.error().text;
    EXPECT_GT(*first, before);
    const auto second = directory_->save(key, "b", *first, deed("alice"));
    ASSERT_TRUE(second) << second.error().text;
    EXPECT_EQ(*directory_->version(), *second);

    const auto state = directory_->all();
    ASSERT_TRUE(state) << state.error().text;
    EXPECT_EQ(state->version, *second);
    ASSERT_THAT(state->entries, SizeIs(1));
    EXPECT_EQ(state->entries[0].key, key);
    EXPECT_EQ(state->entries[0].version, *second);
    EXPECT_EQ(state->entries[0].bytes, "b");
}

TEST_P(DirectoryStoreTest, AnOutdatedChangeIsRefusedWithoutATrace) {
    const EntryKey key{kShop, EntryKind::department, "sales"};
    EXPECT_EQ(directory_->save(key, "x", 7, deed("sales")).error().code, Errc::conflict);
    const auto first = *directory_->save(key, "a", 0, deed("sales"));
    const auto second = *directory_->save(key, "b", first, deed("sales"));
    const auto late = directory_->save(key, "c", first, deed("sales"));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Errc::conflict);
    EXPECT_EQ(directory_->all()->entries.at(0).bytes, "b");
    EXPECT_EQ(*directory_->version(), second);
    EXPECT_THAT(*directory_->audit(kShop, Ulid(), 10), SizeIs(2));
}

TEST_P(DirectoryStoreTest, SitesAndKindsAreApart) {
    ASSERT_TRUE(directory_->save({kShop, EntryKind::agent, "a"}, "1", 0, deed("a")));
    ASSERT_TRUE(directory_->save({kShop, EntryKind::department, "a"}, "2", 0, deed("a")));
    ASSERT_TRUE(directory_->save({kOther, EntryKind::agent, "a"}, "3", 0, deed("a", kOther)));
    const auto removed = directory_->remove({kShop, EntryKind::agent, "a"}, deed("a"));
    ASSERT_TRUE(removed) << removed.error().text;
    EXPECT_EQ(directory_->remove({kShop, EntryKind::agent, "a"}, deed("a")).error().code,
              Errc::notFound);
    std::set<std::string> left;
    const auto state = directory_->all();
    ASSERT_TRUE(state) << state.error().text;
    for (const auto& entry : state->entries) left.insert(entry.bytes);
    EXPECT_EQ(left, (std::set<std::string>{"2", "3"}));
}

TEST_P(DirectoryStoreTest, DeedsAreListedNewestFirstAndInPages) {
    for (int i = 0; i < 5; ++i) {
        const auto id = "agent" + std::to_string(i);
        ASSERT_TRUE(directory_->save({kShop, EntryKind::agent, id}, "x", 0, deed(id)));
    }
    std::set<std::string> seen;
    Ulid before;
    for (;;) {
        const auto page = directory_->audit(kShop, before, 2);
        ASSERT_TRUE(page) << page.error().text;
        if (page->empty()) break;
        for (const auto& entry : *page) {
            EXPECT_TRUE(before.isNone() || entry.id < before);
            before = entry.id;
            EXPECT_EQ(entry.deed.actor, "root");
            EXPECT_EQ(entry.deed.action, "directory.save_agent");
            EXPECT_TRUE(seen.insert(entry.deed.target).second);
        }
    }
    EXPECT_THAT(seen, SizeIs(5));
    EXPECT_THAT(*directory_->audit(kOther, Ulid(), 10), IsEmpty());
}

TEST_P(DirectoryStoreTest, ConcurrentChangesAllCount) {
    constexpr int kThreads = 3;
    constexpr int kRounds = 10;
    const auto before = *directory_->version();
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            const auto mine = store_->makeDirectory();
            for (int i = 0; i < kRounds; ++i) {
                const auto done = mine->save({kShop, EntryKind::agent, "a" + std::to_string(t)},
                                             "x", 0, deed("a"));
                EXPECT_TRUE(done) << done.error().text;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(*directory_->version(), before + kThreads * kRounds);
    EXPECT_THAT(directory_->all()->entries, SizeIs(kThreads));
}

INSTANTIATE_TEST_SUITE_P(Databases, DirectoryStoreTest, everyDatabase(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
