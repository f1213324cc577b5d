// What the indexer does where the index does not take what it is given.

#include "ledger/search/indexer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using namespace std::chrono_literals;
using parlor::test::eventually;

// What the index has read of each conversation, and what is to go wrong.
struct Script {
    std::mutex mutex;
    std::map<ConversationId, std::uint32_t> unread;
    std::optional<ConversationId> refused;
    int away = 0;  // so many calls fail
    std::size_t mostAtOnce = 0;
};

class ScriptedIndex final : public SearchIndex {
 public:
    explicit ScriptedIndex(Script& script) : script_(script) {}

    Expected<BehindPage> behind(ConversationId after, std::uint32_t limit) override {
        const std::scoped_lock lock(script_.mutex);
        BehindPage page;
        for (auto at = script_.unread.upper_bound(after); at != script_.unread.end() && limit > 0;
             ++at, --limit) {
            page.last = at->first;
            if (at->second == 0) continue;
            page.ids.push_back(at->first);
            page.unread.push_back(at->second);
        }
        return page;
    }
    Expected<Advanced> advance(std::span<const ConversationId> conversations, std::uint32_t limit,
                               const Follow&) override {
        const std::scoped_lock lock(script_.mutex);
        script_.mostAtOnce = std::max(script_.mostAtOnce, conversations.size());
        if (script_.away > 0) {
            --script_.away;
            return Error{Errc::unavailable, "away"};
        }
        if (script_.refused && std::ranges::count(conversations, *script_.refused) > 0) {
            return Error{Errc::internal, "refused"};
        }
        Advanced advanced;
        for (const auto& id : conversations) {
            auto& unread = script_.unread[id];
            const auto some = std::min(unread, limit - advanced.events);
            unread -= some;
            advanced.events += some;
            if (unread > 0) advanced.unfinished.push_back(id);
        }
        return advanced;
    }
    Expected<void> empty() override { return {}; }
    Expected<std::vector<DocumentId>> postings(const SiteId&, const std::string&, DocumentId,
                                               std::uint32_t) override {
        return std::vector<DocumentId>();
    }
    Expected<std::vector<FoundEvent>> events(std::span<const DocumentId>) override {
        return std::vector<FoundEvent>();
    }

 private:
    Script& script_;
};

class IndexerTest : public testing::Test {
 protected:
    IndexerTest() {
        for (int i = 0; i < 30; ++i) ids_.push_back(ConversationId::generate());
        for (const auto& id : ids_) script_.unread[id] = 3;
    }
    std::uint32_t unread() {
        const std::scoped_lock lock(script_.mutex);
        std::uint32_t sum = 0;
        for (const auto& [id, events] : script_.unread) sum += events;
        return sum;
    }

    Script script_;
    std::vector<ConversationId> ids_;
    Indexer indexer_{{.delay = std::chrono::milliseconds(1),
                      .retry = std::chrono::milliseconds(1),
                      .oneWriter = {.events = 4, .restFactor = 0}},
                     std::make_unique<ScriptedIndex>(script_),
                     false,
                     Poco::Logger::get("test")};
};

TEST_F(IndexerTest, TakesSeveralAtOnceAndAllOfEach) {
    indexer_.start();
    EXPECT_TRUE(eventually([&] { return unread() == 0; }));
    EXPECT_EQ(script_.mostAtOnce, 4U);
}

TEST(RecordingLoadTest, IsTheShareOfTheTimeSinceItWasAskedLast) {
    const RecordingLoad::Clock::time_point start{};
    RecordingLoad load(start);
    EXPECT_EQ(load.take(start), 0);
    EXPECT_EQ(load.take(start + 10ms), 0);
    load.add(2ms);
    load.add(3ms);
    EXPECT_DOUBLE_EQ(load.take(start + 20ms), 0.5);
    EXPECT_EQ(load.take(start + 30ms), 0);
    load.add(100ms);  // two writers, or one that began long ago
    EXPECT_EQ(load.take(start + 40ms), 1);
}

// While recording keeps the database busy a transaction of the index is followed by a rest.
TEST_F(IndexerTest, GivesWayToRecording) {
    Indexer patient{{.delay = 1ms, .oneWriter = {.events = 4, .restFactor = 1'000'000'000}},
                    std::make_unique<ScriptedIndex>(script_),
                    false,
                    Poco::Logger::get("test")};
    patient.recorded({}, 1h);
    patient.start();
    EXPECT_TRUE(eventually([&] { return unread() < 90; }));
    patient.stop();
    EXPECT_EQ(unread(), 90U - 4);
}

TEST_F(IndexerTest, WhatIsRefusedStaysOutAndTheRestGoesOn) {
    script_.refused = ids_[13];
    indexer_.start();
    EXPECT_TRUE(eventually([&] { return unread() == 3; }));
    // And goes on afterwards.
    {
        const std::scoped_lock lock(script_.mutex);
        script_.unread[ids_[2]] = 9;
    }
    indexer_.recorded({ids_[2], ids_[13]}, {});
    EXPECT_TRUE(eventually([&] { return unread() == 3; }));
}

TEST_F(IndexerTest, WhatWasNotTakenIsFoundAgain) {
    script_.away = 3;
    indexer_.start();
    EXPECT_TRUE(eventually([&] { return unread() == 0; }));
    {
        const std::scoped_lock lock(script_.mutex);
        script_.unread[ids_[2]] = 9;
        script_.away = 1;
    }
    indexer_.recorded({ids_[2]}, {});
    EXPECT_TRUE(eventually([&] { return unread() == 0; }));
}

}  // namespace
}  // namespace parlor::ledger::test
