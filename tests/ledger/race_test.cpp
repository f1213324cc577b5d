// Many at once: exactly one agent wins, and every sender's drafts keep their order.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;

TEST(RaceTest, OfTwoAgentsWhoAcceptExactlyOneWins) {
    World world;
    Sender gateway(world.broker());
    Sender alice(world.broker(), kAlice);
    Sender bob(world.broker(), kBob);
    for (int round = 0; round < 200; ++round) {
        const auto conversation = world.open(gateway);
        const auto byAlice = alice.postMessage(conversation, {accept()});
        const auto byBob = bob.postMessage(conversation, {accept()});
        std::thread other([&] { bob.client().publish(byBob); });
        alice.client().publish(byAlice);
        other.join();
        const auto forAlice = alice.answerTo(byAlice).post().receipts(0);
        const auto forBob = bob.answerTo(byBob).post().receipts(0);
        ASSERT_NE(forAlice.has_recorded(), forBob.has_recorded());
        const auto& loser = forAlice.has_recorded() ? forBob : forAlice;
        EXPECT_EQ(loser.failure().code(), v1::ERROR_CODE_CONFLICT);
        EXPECT_EQ(gateway.history(conversation).history().head_seq(), 2U);
    }
}

TEST(RaceTest, ManySendersKeepTheirOrderWithoutGaps) {
    constexpr int kSenders = 4;
    constexpr int kPosts = 50;
    World world;
    Sender gateway(world.broker());
    const auto conversation = world.open(gateway);
    std::vector<std::thread> senders;
    for (int s = 0; s < kSenders; ++s) {
        senders.emplace_back([&, s] {
            Sender sender(world.broker());
            for (int i = 0; i < kPosts; ++i) {
                const auto text = std::to_string(s) + ":";
                const auto response =
                    sender.post(conversation, {message(text + std::to_string(2 * i)),
                                               message(text + std::to_string(2 * i + 1))});
                ASSERT_EQ(response.post().receipts_size(), 2);
                ASSERT_EQ(response.post().receipts(1).recorded().seq(),
                          response.post().receipts(0).recorded().seq() + 1);
            }
        });
    }
    for (auto& sender : senders) sender.join();

    std::map<std::string, int> next;
    std::uint64_t seq = 1;
    while (seq < kSenders * kPosts * 2 + 1) {
        const auto page = gateway.history(conversation, seq).history();
        ASSERT_GT(page.events_size(), 0);
        for (const auto& event : page.events()) {
            ASSERT_EQ(event.seq(), ++seq);
            const auto& text = event.message().text();
            const auto colon = text.find(':');
            EXPECT_EQ(std::stoi(text.substr(colon + 1)), next[text.substr(0, colon)]++);
        }
    }
    for (const auto& [sender, count] : next) EXPECT_EQ(count, 2 * kPosts) << sender;
}

v1::AgentStatus status(v1::AgentStatus::State state, const std::string& name) {
    v1::AgentStatus made;
    made.set_state(state);
    made.set_name(name);
    return made;
}

void tell(Client& client, const AgentId& agent, const v1::AgentStatus& status) {
    bus::Message message;
    message.topic = topics::format(topics::Status{kSite, agent});
    message.payload = encode(status);
    message.retain = true;
    client.publish(message);
}

TEST(DepartmentTest, SaysWhoIsThereAndHowManyWait) {
    World world;
    Sender gateway(world.broker());
    Sender alice(world.broker(), kAlice);
    Client visitor(world.broker(), "visitor");
    visitor.subscribe({"parlor/+/d/+"});
    const auto says = [](bool open, unsigned agents, unsigned waiting) {
        return [=](const bus::Message& each) {
            const auto state = decode<v1::DepartmentState>(each.payload);
            return state && state->open() == open && state->agents_online() == agents &&
                   state->queue_length() == waiting;
        };
    };
    const auto first = world.open(gateway);
    EXPECT_TRUE(visitor.await(says(false, 0, 1)));
    world.open(gateway);
    EXPECT_TRUE(visitor.await(says(false, 0, 2)));
    tell(alice.client(), kAlice, status(v1::AgentStatus::STATE_ONLINE, "Alice"));
    EXPECT_TRUE(visitor.await(says(true, 1, 2)));
    ASSERT_TRUE(alice.post(first, accept()).has_recorded());
    EXPECT_TRUE(visitor.await(says(true, 1, 1)));
    tell(alice.client(), kAlice, status(v1::AgentStatus::STATE_OFFLINE, ""));
    EXPECT_TRUE(visitor.await(says(false, 0, 1)));
}

TEST(DepartmentTest, AgentsAreCalledByTheNameTheyGave) {
    World world;
    Sender gateway(world.broker());
    Sender alice(world.broker(), kAlice);
    Sender bob(world.broker(), kBob);
    tell(alice.client(), kAlice, status(v1::AgentStatus::STATE_ONLINE, "Alice Müller"));
    const auto conversation = world.open(gateway);
    ASSERT_TRUE(alice.post(conversation, accept()).has_recorded());
    const auto history = gateway.history(conversation).history();
    EXPECT_EQ(history.events(1).author().name(), "Alice Müller");
    EXPECT_EQ(history.events(1).assigned().agent_name(), "Alice Müller");
    EXPECT_EQ(bob.post(conversation, accept()).failure().text(), "held by Alice Müller");
}

}  // namespace
}  // namespace parlor::ledger::test
