// The dispatcher by itself, on a scripted record; and what commands do, or do not.

#include "ledger/dispatch/dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <utility>

#include "ledger/intake/rules.h"
#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::IsEmpty;
using testing::SizeIs;

const DepartmentId kGeneral = *DepartmentId::parse("general");

Conversation waitingRow(std::int64_t sinceMs) {
    return {.id = ConversationId::generate(),
            .site = kSite,
            .department = kGeneral,
            .agent = {},
            .shared = {},
            .staff = {},
            .visitorName = {},
            .preview = {},
            .waitingSinceMs = sinceMs};
}

// What the record holds, as the test says. Thread-safe.
struct Script {
    std::mutex mutex;
    std::vector<Conversation> waiting;  // mutex
    std::vector<Conversation> offered;  // mutex
    Loads loads;                        // mutex; who is not in it has nothing
    bool away = false;                  // mutex
    // What happens before the next time that the queue is read.
    std::function<void()> beforeQueue;  // mutex
};

class ScriptedReader final : public DispatchReader {
 public:
    explicit ScriptedReader(Script& script) : script_(script) {}

    Expected<std::vector<ConversationId>> queue(const SiteId&, const DepartmentId&,
                                                std::uint32_t) override {
        return std::vector<ConversationId>();
    }
    Expected<std::vector<Conversation>> unoffered(const SiteId&, const DepartmentId&,
                                                  std::uint32_t) override {
        {
            const std::scoped_lock lock(script_.mutex);
            if (const auto happens = std::exchange(script_.beforeQueue, nullptr)) happens();
        }
        return answer(script_.waiting);
    }
    Expected<std::vector<Conversation>> offered(const SiteId&) override {
        return answer(script_.offered);
    }
    Expected<std::vector<Conversation>> heldBy(const AgentKey&) override { return answer({}); }
    Expected<std::vector<Conversation>> silent(const SiteId&, const DepartmentId&, std::int64_t,
                                               std::uint32_t) override {
        return answer({});
    }
    Expected<Loads> loads(std::span<const AgentKey> agents) override {
        const std::scoped_lock lock(script_.mutex);
        Loads loads;
        for (const auto& agent : agents) loads[agent] = script_.loads[agent];
        return loads;
    }
    Expected<std::optional<AgentId>> lastServed(const SiteId&, const std::string&) override {
        return std::optional<AgentId>();
    }

 private:
    Expected<std::vector<Conversation>> answer(const std::vector<Conversation>& rows) {
        const std::scoped_lock lock(script_.mutex);
        if (script_.away) return Error{Errc::unavailable, "away"};
        return rows;
    }

    Script& script_;
};

class DispatcherTest : public testing::Test {
 protected:
    explicit DispatcherTest(const DispatchOptions& options = {}) : options_(options) {
        directory_.replace(kSite, std::vector{department("general", v1::ROUTING_LEAST_BUSY)},
                           std::vector{agent(kAlice, 1)});
        v1::AgentStatus online;
        online.set_state(v1::AgentStatus::STATE_ONLINE);
        agents_.update(kSite, kAlice, online);
    }
    ~DispatcherTest() override {
        dispatcher_.stop();
        commands_.clear();  // their tickets call the dispatcher
    }

    std::size_t sent() {
        const std::scoped_lock lock(mutex_);
        return commands_.size();
    }
    // The oldest command, which is still under way as long as the caller keeps it.
    Command take() {
        EXPECT_TRUE(eventually([&] { return sent() > 0; })) << "no command came";
        const std::scoped_lock lock(mutex_);
        auto command = std::move(commands_.front());
        commands_.pop_front();
        return command;
    }

    const DispatchOptions options_;
    Directory directory_;
    AgentDirectory agents_;
    Desk desk_{directory_, agents_};
    Script script_;
    std::mutex mutex_;
    std::deque<Command> commands_;  // mutex_
    int refusing_ = 0;              // mutex_; so many find no room
    Dispatcher dispatcher_{options_, std::make_unique<ScriptedReader>(script_), desk_,
                           [this](Command command) {
                               const std::scoped_lock lock(mutex_);
                               if (refusing_ > 0) {
                                   --refusing_;
                               } else {
                                   commands_.push_back(std::move(command));
                               }
                           },
                           testLog()};
};

TEST_F(DispatcherTest, WhatComesBackToTheQueueIsPlannedWithTheRest) {
    auto old = waitingRow(1);
    old.offer = Offer{kBob, 1};  // who is not online
    old.fence = 7;
    const auto young = waitingRow(2);
    script_.offered = {old};
    script_.waiting = {young};
    dispatcher_.start();
    dispatcher_.changed(kSite);
    {
        const auto ended = take();
        EXPECT_EQ(ended.conversation, old.id);
        EXPECT_EQ(ended.fence, 7U);
        EXPECT_TRUE(std::holds_alternative<EndOffer>(ended.what));
        // Planning now would give the young one the only place there is.
        dispatcher_.changed(kSite);
        EXPECT_EQ(sent(), 0U);
        ended.ticket->outcome = Ticket::Outcome::decided;
        const std::scoped_lock lock(script_.mutex);
        old.offer.reset();
        script_.offered.clear();
        script_.waiting = {old, young};
    }
    const auto offered = take();
    EXPECT_EQ(offered.conversation, old.id);
    EXPECT_EQ(std::get<MakeOffer>(offered.what).agent, kAlice);
    EXPECT_EQ(sent(), 0U);
}

TEST_F(DispatcherTest, WhatIsOfferedElsewhereWhileItPlansLeavesNoPlaceForAYoungerOne) {
    const auto old = waitingRow(1);
    const auto young = waitingRow(2);
    script_.waiting = {old, young};
    script_.beforeQueue = [&] {  // another replica offers the old one to alice
        script_.waiting = {young};
        script_.loads[{kSite, kAlice}] = 1;
    };
    dispatcher_.start();
    dispatcher_.changed(kSite);
    EXPECT_TRUE(eventually([&] {
        const std::scoped_lock lock(script_.mutex);
        return script_.beforeQueue == nullptr;
    }));
    dispatcher_.stop();  // which lets it plan to the end
    EXPECT_EQ(sent(), 0U);
}

TEST_F(DispatcherTest, GoesOnWhenTheDatabaseIsBack) {
    script_.waiting = {waitingRow(1)};
    script_.away = true;
    dispatcher_.start();
    dispatcher_.changed(kSite);
    {
        const std::scoped_lock lock(script_.mutex);
        script_.away = false;
    }
    EXPECT_TRUE(std::holds_alternative<MakeOffer>(take().what));
}

class OfferSweepTest : public DispatcherTest {
 protected:
    OfferSweepTest()
        : DispatcherTest(
              {.sweep = std::chrono::milliseconds(10), .fullSweep = std::chrono::hours(1)}) {}
};

TEST_F(OfferSweepTest, AnEndThatWasNotTakenIsTriedAgain) {
    auto row = waitingRow(1);
    row.offer = Offer{kAlice, 1};  // which ran out long ago
    script_.offered = {row};
    refusing_ = 3;
    dispatcher_.start();
    EXPECT_TRUE(std::holds_alternative<EndOffer>(take().what));
    EXPECT_EQ(refusing_, 0);
}

// The database takes nothing of one conversation, which is older than another.
class RefusalTest : public DispatcherTest {
 protected:
    RefusalTest() : DispatcherTest({.sweep = kSweep, .fullSweep = std::chrono::milliseconds(20)}) {}

    // Its offer ran out.
    Conversation offered() const {
        auto row = bad_;
        row.offer = Offer{kBob, 1};
        return row;
    }
    void refuse() {
        const auto command = take();
        EXPECT_EQ(command.conversation, bad_.id);
        command.ticket->outcome = Ticket::Outcome::refused;
    }

    static constexpr std::chrono::milliseconds kSweep{100};
    const Conversation bad_ = waitingRow(1);
    const Conversation young_ = waitingRow(2);
};

TEST_F(RefusalTest, OthersAreGoneOnWith) {
    script_.offered = {offered()};
    script_.waiting = {young_};
    dispatcher_.start();
    refuse();
    const auto next = take();
    EXPECT_EQ(next.conversation, young_.id);
    EXPECT_TRUE(std::holds_alternative<MakeOffer>(next.what));
}

TEST_F(RefusalTest, IsTriedAgainLaterEachTime) {
    script_.offered = {offered()};
    dispatcher_.start();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 4; ++i) refuse();
    EXPECT_GE(std::chrono::steady_clock::now() - begin, (1 + 2 + 4) * kSweep);
}

TEST_F(RefusalTest, AnOfferThatIsRefusedLeavesItsPlaceToTheNext) {
    script_.waiting = {bad_, young_};
    dispatcher_.start();
    dispatcher_.changed(kSite);
    refuse();
    EXPECT_EQ(take().conversation, young_.id);
}

class FullSweepTest : public DispatcherTest {
 protected:
    FullSweepTest()
        : DispatcherTest({.sweep = std::chrono::milliseconds(100),
                          .fullSweep = std::chrono::milliseconds(150)}) {}
};

TEST_F(FullSweepTest, IsNotKeptFromASiteByWhatChangesElsewhere) {
    dispatcher_.start();
    const auto busy = *SiteId::parse("busy");
    const auto pester = [&] { dispatcher_.changed(busy); };
    ASSERT_FALSE(eventually([&] { return pester(), sent() > 0; }, options_.fullSweep));
    {
        const std::scoped_lock lock(script_.mutex);
        script_.waiting = {waitingRow(1)};  // which nobody tells of
    }
    EXPECT_TRUE(eventually([&] { return pester(), sent() > 0; }));
}

class CommandTest : public DispatcherTest {
 protected:
    std::vector<v1::Event> judged(const Conversation& row, decltype(Command::what) what,
                                  std::uint64_t fence) {
        const Scene scene{row, desk_, loads_, 1000, {}};
        return judge(scene, Command{kSite, row.id, fence, std::move(what), nullptr});
    }

    Loads loads_{{{kSite, kAlice}, 0}};
    Conversation row_ = waitingRow(1);
};

TEST_F(CommandTest, WhoeverWasThereFirstIsRight) {
    row_.fence = 3;
    EXPECT_THAT(judged(row_, MakeOffer{kAlice, 2000}, 3), SizeIs(1));
    EXPECT_THAT(judged(row_, MakeOffer{kAlice, 2000}, 2), IsEmpty());
    row_.offer = Offer{kBob, 1};
    EXPECT_THAT(judged(row_, MakeOffer{kAlice, 2000}, 3), IsEmpty());
    EXPECT_THAT(judged(row_, EndOffer{kBob}, 3), SizeIs(1));
    EXPECT_THAT(judged(row_, EndOffer{kBob}, 2), IsEmpty());
    EXPECT_THAT(judged(row_, EndOffer{kAlice}, 3), IsEmpty());
}

TEST_F(CommandTest, NobodyIsOfferedWhatDoesNotFit) {
    EXPECT_THAT(judged(row_, MakeOffer{kBob, 2000}, 0), IsEmpty()) << "who is not online";
    loads_[{kSite, kAlice}] = 1;
    EXPECT_THAT(judged(row_, MakeOffer{kAlice, 2000}, 0), IsEmpty()) << "who has enough";
    loads_[{kSite, kAlice}] = 0;
    row_.state = ConversationState::closed;
    EXPECT_THAT(judged(row_, MakeOffer{kAlice, 2000}, 0), IsEmpty());
}

TEST_F(CommandTest, OnlyWhoIsGoneLosesAConversation) {
    row_.state = ConversationState::assigned;
    row_.agent = kAlice;
    EXPECT_THAT(judged(row_, Release{kAlice, "offline"}, 0), IsEmpty());
    agents_.clear(kSite, kAlice);
    EXPECT_THAT(judged(row_, Release{kBob, "offline"}, 0), IsEmpty());
    EXPECT_THAT(judged(row_, Release{kAlice, "offline"}, 0), SizeIs(2));
}

TEST_F(CommandTest, WhoIsDisabledLosesAConversation) {
    row_.state = ConversationState::assigned;
    row_.agent = kAlice;
    EXPECT_THAT(judged(row_, Release{kAlice, "disabled"}, 0), IsEmpty());
    auto disabled = agent(kAlice, 1);
    disabled.set_disabled(true);
    directory_.replace(kSite, {}, std::vector{disabled});
    EXPECT_THAT(judged(row_, Release{kAlice, "disabled"}, 0), SizeIs(2));
}

TEST_F(CommandTest, WhereSomebodySpokeMeanwhileNothingIsClosed) {
    row_.state = ConversationState::assigned;
    row_.agent = kAlice;
    row_.spokenAtMs = 500;
    EXPECT_THAT(judged(row_, CloseSilent{499}, 0), IsEmpty());
    EXPECT_THAT(judged(row_, CloseSilent{500}, 0), SizeIs(1));
    row_.state = ConversationState::waiting;
    EXPECT_THAT(judged(row_, CloseSilent{500}, 0), IsEmpty());
}

TEST_F(CommandTest, WhatIsErasedIsClosedWhoeverHasIt) {
    EXPECT_THAT(judged(row_, CloseErased{}, 1), IsEmpty()) << "who has it has changed";
    for (const auto state : {ConversationState::waiting, ConversationState::assigned}) {
        row_.state = state;
        const auto events = judged(row_, CloseErased{}, 0);
        ASSERT_THAT(events, SizeIs(1));
        EXPECT_EQ(events[0].closed().reason(), "erased");
        EXPECT_EQ(events[0].author().kind(), v1::Party::KIND_SYSTEM);
    }
    row_.state = ConversationState::closed;
    EXPECT_THAT(judged(row_, CloseErased{}, 0), IsEmpty());
}

// What an agent has is counted, under a lock, only where a draft could give it something: the usual
// ones cost nothing more.
TEST(ReceiverTest, OrdinaryDraftsGiveNobodyAnything) {
    for (const auto& draft : {message("x"), note("x"), read(1), rating(1), close(), decline(),
                              join(), leave(), transferTo(kGeneral)}) {
        EXPECT_FALSE(receiverOf(kAlice, draft)) << draft.ShortDebugString();
    }
    EXPECT_EQ(receiverOf(kAlice, accept()), kAlice);
    EXPECT_EQ(receiverOf(kAlice, takeOver()), kAlice);
    EXPECT_EQ(receiverOf(kAlice, transferTo(kBob)), kBob);
    EXPECT_FALSE(receiverOf(std::nullopt, message("x")));
}

}  // namespace
}  // namespace parlor::ledger::test
