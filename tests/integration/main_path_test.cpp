#include <gmock/gmock.h>

#include "tests/integration/headless_agent.h"
#include "tests/integration/stack.h"
#include "tests/integration/visitor.h"
#include "tests/support/eventually.h"

namespace parlor::test {
namespace {

using testing::ElementsAreArray;
using testing::SizeIs;

bool names(const boost::json::object& line, const Visitor& visitor) {
    return line.at("conversation").as_string() == visitor.conversation();
}

TEST(MainPath, EverySingleRequestGoesToTheOtherReplica) {
    Stack stack;
    const std::vector<std::string> replicas = {stack.gateway(1), stack.gateway(2)};
    std::size_t turn = 0;
    const auto next = [&]() -> const std::string& { return replicas[turn++ % replicas.size()]; };

    HeadlessAgent alice(stack, "alice");
    Visitor visitor(next());
    EXPECT_EQ(visitor.openedCursor(), "1.1");
    alice.expect("queued", [&](const auto& line) { return names(line, visitor); });
    alice.accept(visitor.conversation());
    alice.expect("assigned", [&](const auto& line) { return names(line, visitor); });

    std::vector<std::string> said;
    for (int round = 0; round < 12; ++round) {
        const auto question = "question " + std::to_string(round) + " 你好";
        const auto answer = "answer " + std::to_string(round);
        const auto posted = visitor.post(next(), question);
        ASSERT_EQ(posted.status, 201) << posted.body;
        alice.expect("event", [&](const auto& line) {
            return names(line, visitor) && line.contains("text") &&
                   line.at("text").as_string() == question;
        });
        alice.say(visitor.conversation(), answer);
        alice.expect("sent");
        said.push_back(question);
        said.push_back(answer);
        // Short and long polling in turn, each on the replica that the last request did not go to.
        ASSERT_TRUE(eventually([&] {
            visitor.poll(next(), round % 2 == 0 ? 0 : 5);
            return visitor.messages().size() >= said.size();
        }));
    }
    EXPECT_THAT(visitor.messages(), ElementsAreArray(said));
    EXPECT_THAT(visitor.sequence(), ElementsAreArray(countTo(2 + said.size())));
    // Its receipt may reach the agent before the event itself.
    ASSERT_TRUE(
        eventually([&] { return alice.messages(visitor.conversation()).size() >= said.size(); }));
    EXPECT_THAT(alice.messages(visitor.conversation()), ElementsAreArray(said));
    EXPECT_THAT(alice.sequence(visitor.conversation()), ElementsAreArray(countTo(2 + said.size())));

    alice.close(visitor.conversation());
    ASSERT_TRUE(eventually([&] {
        visitor.poll(next(), 5);
        return visitor.events().back().at("type") == "closed";
    }));
    // Whoever writes again is back in the queue.
    EXPECT_EQ(visitor.post(next(), "one more thing").status, 201);
    alice.expect("queued", [&](const auto& line) { return names(line, visitor); });
}

TEST(MainPath, WebSocketAndPollsSeeTheSameRecord) {
    Stack stack;
    Visitor visitor(stack.gateway(1));
    WebSocketClient socket(stack.gateway(2),
                           visitor.path("socket?after=0&access_token=" + visitor.token()));
    const auto id = RequestId::generate().str();
    socket.send(boost::json::serialize(
        boost::json::object{{"request_id", id}, {"message", {{"text", "over the socket"}}}}));
    ASSERT_EQ(visitor.post(stack.gateway(1), "by POST").status, 201);

    Visitor viaSocket = visitor;
    bool receipt = false;
    while (viaSocket.messages().size() < 2 || !receipt) {
        const auto text = socket.receive();
        ASSERT_TRUE(text.has_value()) << "closed with " << socket.closeCode();
        const auto frame = boost::json::parse(*text).as_object();
        if (frame.at("type") == "events") viaSocket.take(frame);
        if (frame.at("type") == "receipt") receipt = frame.at("request_id").as_string() == id;
    }
    visitor.poll(stack.gateway(1), 0);
    EXPECT_EQ(visitor.events(), viaSocket.events());
    EXPECT_THAT(visitor.sequence(), ElementsAreArray(countTo(3)));
}

TEST(MainPath, ALongPollIsAnsweredByWhatAnotherReplicaTook) {
    Stack stack;
    Visitor visitor(stack.gateway(1));
    visitor.poll(stack.gateway(1), 0);
    ASSERT_THAT(visitor.events(), SizeIs(1));

    const auto empty = visitor.poll(stack.gateway(1), 1);
    EXPECT_EQ(empty.status, 204);
    std::thread poster([&] {
        const Visitor copy = visitor;
        EXPECT_EQ(copy.post(stack.gateway(2), "hello").status, 201);
    });
    const auto filled = visitor.poll(stack.gateway(1), 30);
    poster.join();
    EXPECT_EQ(filled.status, 200);
    EXPECT_THAT(visitor.messages(), testing::ElementsAre("hello"));
}

TEST(MainPath, RepeatingARequestGivesTheFirstReceipt) {
    Stack stack;
    Visitor visitor(stack.gateway(1));
    const auto id = RequestId::generate().str();
    const auto first = visitor.post(stack.gateway(1), "once", id);
    const auto second = visitor.post(stack.gateway(2), "once", id);
    ASSERT_EQ(first.status, 201);
    ASSERT_EQ(second.status, 201);
    EXPECT_EQ(first.json().at("seq"), second.json().at("seq"));
    visitor.poll(stack.gateway(2), 0);
    EXPECT_THAT(visitor.messages(), testing::ElementsAre("once"));
}

TEST(MainPath, TwoAgentsAcceptAndOneHasIt) {
    Stack stack;
    HeadlessAgent alice(stack, "alice");
    HeadlessAgent bob(stack, "bob");
    const Visitor visitor(stack.balancer());
    const auto mine = [&](const auto& line) { return names(line, visitor); };
    alice.expect("queued", mine);
    bob.expect("queued", mine);
    alice.accept(visitor.conversation());
    alice.expect("assigned", mine);
    bob.accept(visitor.conversation());
    const auto refusal = bob.expect("accept_failed", mine);
    EXPECT_EQ(refusal.at("code").as_string(), "conflict");
    EXPECT_THAT(std::string(refusal.at("text").as_string()), testing::HasSubstr("alice"));
}

}  // namespace
}  // namespace parlor::test
