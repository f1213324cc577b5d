#include "agent-desktop/headless/demo_agent.h"

#include <gmock/gmock.h>

#include "tests/agent-desktop/support/desk.h"

namespace parlor::agent {
namespace {

using test::Desk;
using test::lastLine;
using test::until;
using testing::HasSubstr;

TEST(DemoReplies, AnswersInTheVisitorsLanguage) {
    DemoReplies replies;
    EXPECT_THAT(replies.greeting("Wei", "你好", "").toStdString(), HasSubstr("Wei，您好"));
    EXPECT_THAT(replies.greeting("Wei", "", "zh-CN").toStdString(), HasSubstr("您好"));
    EXPECT_THAT(replies.greeting("", "hello", "zh-CN").toStdString(), HasSubstr("Hello"));
    EXPECT_THAT(replies.answer("How much is it?", "").toStdString(), HasSubstr("29"));
    EXPECT_THAT(replies.answer(QString::fromUtf8("多少钱"), "").toStdString(), HasSubstr("29 元"));
}

TEST(DemoReplies, NeverSaysTheSameGeneralThingTwiceInARow) {
    DemoReplies replies;
    const QString first = replies.answer("qwertz", "");
    EXPECT_FALSE(first.isEmpty());
    EXPECT_NE(first, replies.answer("qwertz", ""));
}

TEST(DemoAgent, AcceptsGreetsAndAnswersEachMessage) {
    Desk desk;
    auto client = desk.makeClient("demo", "Demo agent");
    const DemoAgent agent(*client);
    ASSERT_TRUE(client->signIn());
    const auto id = desk.ledger.enqueue("Wei", "hello");
    const auto messages = [&] { return desk.ledger.texts(id).size(); };
    ASSERT_TRUE(until([&] { return messages() == 2; }));
    EXPECT_THAT(desk.ledger.texts(id).back(), HasSubstr("Hello Wei"));
    EXPECT_THAT(desk.ledger.typings(id), testing::Contains(true));
    desk.ledger.says(id, "What is the price?");
    ASSERT_TRUE(until([&] { return messages() == 4; }));
    EXPECT_THAT(desk.ledger.texts(id).back(), HasSubstr("29"));
    auto* open = client->conversations().find(id);
    ASSERT_TRUE(until([&] { return lastLine(*open).starts_with("me: "); }));
    EXPECT_EQ(open->unread(), 0);
}

TEST(DemoAgent, ARestartedOneDoesNotGreetAgain) {
    Desk desk;
    const auto id = desk.ledger.enqueue("Wei", "hello");
    for (int run = 0; run < 2; ++run) {
        auto client = desk.makeClient("demo", "Demo agent");
        const DemoAgent agent(*client);
        ASSERT_TRUE(client->signIn());
        ASSERT_TRUE(until([&] {
            auto* open = client->conversations().find(id);
            return open && open->isComplete() && desk.ledger.texts(id).size() == 2;
        }));
        test::settle(std::chrono::milliseconds(1500));
        EXPECT_EQ(desk.ledger.texts(id).size(), 2U) << "run " << run;
    }
}

}  // namespace
}  // namespace parlor::agent
