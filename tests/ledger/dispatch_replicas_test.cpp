// A random service desk with two ledgers on one database, several things at once in each step. In
// every state of the record: never above capacity, never two owners. When both are at rest: nothing
// waits while somebody fitting is free, and nobody was given a younger conversation first.

#include <gtest/gtest.h>

#include <thread>

#include "ledger/store/sql_check.h"
#include "tests/ledger/random_desk.h"
#include "tests/ledger/replica.h"
#include "tests/ledger/store_suite.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;

constexpr int kSteps = 150;
constexpr std::size_t kMostAtOnce = 4;
constexpr std::uint32_t kAll = 1000;
constexpr std::size_t kReplicas = 2;
constexpr std::chrono::milliseconds kPatience{200};

DeskState::Rows readAll(Reader& reader) {
    DeskState::Rows rows;
    // One statement, so one state of the record.
    const auto all = reader.all({}, kAll);
    EXPECT_TRUE(all);
    if (!all) return rows;
    EXPECT_LT(all->size(), kAll);
    for (const auto& row : *all) rows.emplace(row.id, row);
    return rows;
}

// Looks at one state of the record after the other, as long as it lives.
class Watch {
 public:
    Watch(std::unique_ptr<Reader> reader, const DeskState& desk)
        : reader_(std::move(reader)), desk_(desk), thread_([this] { run(); }) {}
    ~Watch() {
        stopping_ = true;
        thread_.join();
        EXPECT_GT(states_, kSteps) << "it has hardly looked";
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

 private:
    void run() {
        while (!stopping_) {
            EXPECT_EQ(desk_.overloaded(readAll(*reader_)), "");
            ++states_;
            std::this_thread::yield();
        }
    }

    const std::unique_ptr<Reader> reader_;
    const DeskState& desk_;
    std::atomic<bool> stopping_{false};
    int states_ = 0;  // thread_, then whoever joined it
    std::thread thread_;
};

// Holds a ledger that is about to decide on what an agent gets, having counted what it has, until
// the other one is about to do so too: which the lock of the agent forbids, so not for long.
class Meeting {
 public:
    void open() { open_ = true; }
    void enter(std::size_t replica, const Scope& scope) {
        if (!open_ || scope.agents.empty()) return;
        ++decided_[replica];
        ++inside_;
        if (eventually([this] { return inside_ == kReplicas; }, kPatience)) met_ = true;
        --inside_;
    }
    bool haveMet() const { return met_; }
    // Whether each has decided on something.
    bool haveBothDecided() const { return decided_[0] > 0 && decided_[1] > 0; }

 private:
    std::atomic<bool> open_{false};
    std::atomic<bool> met_{false};
    std::atomic<std::size_t> inside_{0};
    std::array<std::atomic<int>, kReplicas> decided_{};
};

class DispatchReplicasTest : public testing::TestWithParam<Dialect> {
 protected:
    void SetUp() override {
        database_ = Database::start(GetParam());
        store_ = std::make_unique<SqlStore>(database_->url());
        ASSERT_TRUE(store_->migrate());
        reader_ = store_->makeReader();
        const Replica::Options options{.ledger = quickDispatch(),
                                       .departments = deskDepartmentProfiles(),
                                       .agents = deskAgentProfiles()};
        for (std::size_t i = 0; i < kReplicas; ++i) {
            auto faults = std::make_shared<StoreFaults>();
            faults->deciding = [this, i](const Scope& scope) { meeting_.enter(i, scope); };
            replicas_[i] = std::make_unique<Replica>(database_->url(), broker_, options, faults);
        }
    }

    Sender& anySender() { return *std::array{&alice_, &bob_, &carol_}[random_.pick(3)]; }
    bus::Message anyMessage(Sender& sender) {
        if (&sender != &gateway_) {
            return sender.postMessage(anyConversation(), {random_.anyHandling()});
        }
        if (random_.pick(3) == 0) return sender.postMessage(anyConversation(), {message("hello?")});
        const auto request = openRequest(random_.anyDepartment());
        ids_.push_back(*ConversationId::parse(request.conversation()));
        v1::Request body;
        *body.mutable_open() = request;
        return sender.requestMessage(topics::Method::open, body);
    }
    const ConversationId& anyConversation() { return ids_[random_.pick(ids_.size())]; }

    void sayStatus(const AgentId& agent, v1::AgentStatus::State state) {
        desk_.tell(agent, state);
        tellStatus(gateway_.client(), agent, state);
    }
    // What comes at once, each to one of the ledgers.
    void step() {
        if (random_.pick(4) == 0) return sayStatus(random_.anyAgent(), random_.anyStatus());
        std::vector<std::pair<Sender*, bus::Message>> sent;
        for (std::size_t i = 0; i <= random_.pick(kMostAtOnce); ++i) {
            Sender& sender = ids_.empty() || random_.pick(3) == 0 ? gateway_ : anySender();
            sent.emplace_back(&sender, anyMessage(sender));
            sender.client().publish(sent.back().second);
        }
        for (const auto& [sender, message] : sent) sender->answerTo(message);
    }
    void expectAtRest() {
        const auto before = std::move(rows_);
        EXPECT_TRUE(eventually([&] {
            rows_ = readAll(*reader_);
            return desk_.undone(rows_).empty();
        })) << desk_.undone(rows_);
        expectOldestFirst(before);
    }
    // Of what was offered in the step: nothing that was left waiting came before it.
    void expectOldestFirst(const DeskState::Rows& before) const {
        for (const auto& [id, offered] : rows_) {
            const auto known = before.find(id);
            const bool isNew = known == before.end() || known->second.offer != offered.offer;
            if (!offered.offer || !isNew) continue;
            // It may have been lowered after it was offered.
            const auto was = known == before.end() ? DeskState::priorityOf(offered.department)
                                                   : known->second.priority;
            if (was != offered.priority) continue;
            for (const auto& [other, waited] : before) {
                const auto& waits = rows_.at(other);
                const bool stayed = waits.state == ConversationState::waiting && !waits.offer &&
                                    waits.standsAs(waited);
                if (!stayed || !desk_.fits(waits, offered.offer->agent)) continue;
                EXPECT_FALSE(DeskState::comesBefore(waits, offered)) << "an older one waits";
            }
        }
    }
    // Whoever holds it loses it by an event that says so.
    void expectOneOwner(const ConversationId& id) {
        const auto page = gateway_.history(id).history();
        std::string holder;
        bool transferred = false;
        for (const auto& event : page.events()) {
            if (event.has_assigned()) {
                EXPECT_TRUE(holder.empty() || transferred) << event.ShortDebugString();
                holder = event.assigned().agent();
            }
            transferred = event.has_transferred();
            if (event.has_queued() || event.has_released() || event.has_closed()) holder.clear();
        }
        const auto& row = rows_.at(id);
        const bool held = row.state == ConversationState::assigned;
        EXPECT_EQ(holder, held ? row.agent->str() : "");
    }

    RandomDesk random_{1};
    std::unique_ptr<Database> database_;
    std::unique_ptr<SqlStore> store_;
    std::unique_ptr<Reader> reader_;
    bus::MemoryBroker broker_;
    Meeting meeting_;
    std::array<std::unique_ptr<Replica>, kReplicas> replicas_;
    Sender gateway_{broker_};
    Sender alice_{broker_, kAlice};
    Sender bob_{broker_, kBob};
    Sender carol_{broker_, kCarol};
    DeskState desk_;
    DeskState::Rows rows_;
    std::vector<ConversationId> ids_;
};

TEST_P(DispatchReplicasTest, InvariantsHold) {
    const Watch watch(store_->makeReader(), desk_);
    for (const auto& agent : {kAlice, kBob, kCarol}) {
        sayStatus(agent, v1::AgentStatus::STATE_ONLINE);
    }
    for (int i = 0; i < kSteps && !HasFailure(); ++i) {
        SCOPED_TRACE("step " + std::to_string(i));
        step();
        expectAtRest();
    }
    std::uint64_t fences = 0;
    for (const auto& id : ids_) {
        expectOneOwner(id);
        fences += rows_.at(id).fence;
    }
    EXPECT_GT(fences, ids_.size()) << "nobody was given anything: a test of nothing";
    const auto differences = checkTables(database_->url());
    ASSERT_TRUE(differences) << differences.error().text;
    for (const auto& each : *differences) ADD_FAILURE() << each.check << ": " << each.text;
}

// Without the lock of the agent both would count before either of them has given something.
TEST_P(DispatchReplicasTest, NeitherGivesAnAgentSomethingWhileTheOtherDoes) {
    meeting_.open();
    for (int round = 0; round < 6; ++round) {
        std::vector<ConversationId> pair;
        std::vector<bus::Message> posts;
        for (int i = 0; i < 2; ++i) {
            const auto request = openRequest("general");
            ASSERT_TRUE(gateway_.open(request).has_open());
            pair.push_back(*ConversationId::parse(request.conversation()));
            posts.push_back(bob_.postMessage(pair.back(), {accept()}));
        }
        for (const auto& post : posts) bob_.client().publish(post);
        const bool first = bob_.answerTo(posts[0]).post().receipts(0).has_recorded();
        const bool second = bob_.answerTo(posts[1]).post().receipts(0).has_recorded();
        EXPECT_NE(first, second) << "Bob has room for one";
        for (const auto& id : pair) bob_.post(id, close());
    }
    EXPECT_FALSE(meeting_.haveMet());
    EXPECT_TRUE(meeting_.haveBothDecided()) << "a test of nothing";
}

INSTANTIATE_TEST_SUITE_P(Servers, DispatchReplicasTest, everyServer(), databaseName);

}  // namespace
}  // namespace parlor::ledger::test
