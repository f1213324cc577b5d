#include <gmock/gmock.h>

#include <thread>

#include "tests/integration/headless_agent.h"
#include "tests/integration/stack.h"
#include "tests/integration/visitor.h"
#include "tests/support/eventually.h"

namespace parlor::test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::ElementsAreArray;

// Posts as the widget's outbox does: the same request_id until there is a receipt.
void postUntilRecorded(const Visitor& visitor, const std::vector<std::string>& replicas,
                       const std::string& text) {
    const auto id = RequestId::generate().str();
    std::size_t turn = 0;
    ASSERT_TRUE(eventually(
        [&] {
            try {
                return visitor.post(replicas[turn++ % replicas.size()], text, id).status == 201;
            } catch (const boost::system::system_error&) {
                return false;  // that replica is away
            }
        },
        std::chrono::seconds(30)))
        << text;
}

TEST(Chaos, TheGatewayThatHoldsTheVisitorIsKilled) {
    Stack stack;
    HeadlessAgent alice(stack, "alice");
    const std::vector<std::string> replicas = {stack.gateway(1), stack.gateway(2)};
    Visitor visitor(replicas[0]);
    const auto mine = [&](const auto& line) {
        return line.at("conversation").as_string() == visitor.conversation();
    };
    alice.expect("queued", mine);
    alice.accept(visitor.conversation());
    alice.expect("assigned", mine);
    postUntilRecorded(visitor, {replicas[0]}, "before");
    visitor.poll(replicas[0], 0);

    WebSocketClient socket(replicas[0], visitor.path("socket?after=" + visitor.cursor() +
                                                     "&access_token=" + visitor.token()));
    stack.kill9("gateway-1");
    EXPECT_FALSE(socket.receive().has_value());
    alice.say(visitor.conversation(), "while it was dead");
    alice.expect("sent");
    postUntilRecorded(visitor, replicas, "after");

    ASSERT_TRUE(eventually([&] {
        visitor.poll(replicas[1], 5);
        return visitor.messages().size() == 3;
    }));
    EXPECT_THAT(visitor.messages(), ElementsAre("before", "while it was dead", "after"));
    EXPECT_THAT(visitor.sequence(), ElementsAreArray(countTo(5)));

    stack.up();
    EXPECT_EQ(visitor.post(stack.gateway(1), "and again").status, 201);
}

TEST(Chaos, TheLedgerIsKilledBetweenTwoMessages) {
    Stack stack;
    HeadlessAgent alice(stack, "alice");
    const std::vector<std::string> replicas = {stack.gateway(1), stack.gateway(2)};
    Visitor visitor(replicas[0]);
    alice.expect("queued");
    alice.accept(visitor.conversation());
    alice.expect("assigned");
    postUntilRecorded(visitor, replicas, "one");

    stack.kill9("ledger");
    const auto id = RequestId::generate().str();
    const auto unconfirmed = visitor.post(replicas[1], "two", id);
    EXPECT_EQ(unconfirmed.status, 202) << unconfirmed.body;
    EXPECT_EQ(unconfirmed.headers.at("location"), "/v1/requests/" + id);
    alice.say(visitor.conversation(), "three");

    stack.up();
    // The gateway that took it goes on trying: the request ends recorded without another post.
    ASSERT_TRUE(eventually(
        [&] {
            const auto state = http(replicas[1], {.target = "/v1/requests/" + id + "?wait=5",
                                                  .token = visitor.token()});
            return state.status == 200 && state.json().at("status") == "recorded";
        },
        std::chrono::seconds(30)));
    alice.expect("sent");
    EXPECT_EQ(visitor.post(replicas[0], "two", id).status, 201);
    ASSERT_TRUE(eventually([&] {
        visitor.poll(replicas[0], 5);
        return visitor.messages().size() >= 3;
    }));
    auto texts = visitor.messages();
    EXPECT_EQ(texts[0], "one");
    EXPECT_THAT(texts, testing::UnorderedElementsAre("one", "two", "three"));
    EXPECT_THAT(visitor.sequence(), ElementsAreArray(countTo(5)));
    ASSERT_TRUE(eventually([&] { return alice.messages(visitor.conversation()).size() >= 3; }));
    EXPECT_THAT(alice.messages(visitor.conversation()), ElementsAreArray(texts));
}

TEST(Chaos, TheBrokerIsKilledAndComesBack) {
    Stack stack;
    HeadlessAgent alice(stack, "alice");
    const std::vector<std::string> replicas = {stack.gateway(1), stack.gateway(2)};
    Visitor visitor(replicas[0]);
    alice.expect("queued");
    alice.accept(visitor.conversation());
    alice.expect("assigned");
    postUntilRecorded(visitor, replicas, "before");
    visitor.poll(replicas[0], 0);

    std::thread parked([&] {
        Visitor copy = visitor;
        EXPECT_TRUE(eventually(
            [&] {
                copy.poll(replicas[0], 30);
                const auto texts = copy.messages();
                return std::find(texts.begin(), texts.end(), "after") != texts.end();
            },
            std::chrono::seconds(60)));
        // One that was taken while the broker was dead (202) may have got through as well.
        EXPECT_THAT(copy.messages(),
                    AnyOf(ElementsAre("before", "after"), ElementsAre("before", "not now", "after"),
                          ElementsAre("before", "after", "not now")));
    });
    stack.kill9("broker");
    EXPECT_TRUE(eventually([&] { return http(replicas[0], {.target = "/readyz"}).status == 503; }));
    const auto refused = visitor.post(replicas[0], "not now");
    EXPECT_TRUE(refused.status == 503 || refused.status == 202) << refused.status;
    stack.up();
    postUntilRecorded(visitor, replicas, "after");
    parked.join();
    ASSERT_TRUE(eventually([&] { return alice.messages(visitor.conversation()).size() >= 2; }));
}

}  // namespace
}  // namespace parlor::test
