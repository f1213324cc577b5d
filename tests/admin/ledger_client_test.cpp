// The command line tool asks a real ledger.

#include "admin/ledger_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/world.h"

namespace parlor::admin {
namespace {

using ledger::test::kSite;
using ledger::test::World;
using topics::Method;

bus::Deadline soon() { return bus::Clock::now() + std::chrono::seconds(20); }

TEST(LedgerClient, SavesListsAndAwaitsJobs) {
    World world;
    LedgerClient client(world.broker().makeClient("tool"), kSite);
    ASSERT_TRUE(client.connect(soon()));
    v1::Request save;
    save.mutable_directory()->mutable_save_department()->mutable_profile()->set_id("sales");
    ASSERT_TRUE(client.call(Method::directory, save, soon()));
    v1::Request list;
    list.mutable_directory()->mutable_list();
    const auto listed = client.call(Method::directory, list, soon());
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->directory().departments_size(), 1);

    v1::Request removal;
    removal.mutable_directory()->set_remove_agent("nobody");
    EXPECT_EQ(client.call(Method::directory, removal, soon()).error().code, Errc::notFound);

    ledger::test::Sender gateway(world.broker());
    const auto conversation = world.open(gateway);
    ASSERT_TRUE(gateway.post(conversation, ledger::test::message("hello")).has_recorded());
    v1::Request transcript;
    transcript.mutable_transcript()->set_conversation(conversation.str());
    const auto asked = client.call(Method::transcript, transcript, soon());
    ASSERT_TRUE(asked);
    const auto text = client.result(asked->job().id(), soon());
    ASSERT_TRUE(text) << text.error().text;
    EXPECT_THAT(*text, testing::HasSubstr("hello"));
}

TEST(LedgerClient, SaysSoWhereNoLedgerAnswers) {
    bus::MemoryBroker broker;
    LedgerClient client(broker.makeClient("tool"), kSite);
    ASSERT_TRUE(client.connect(soon()));
    v1::Request list;
    list.mutable_directory()->mutable_list();
    const auto answer =
        client.call(Method::directory, list, bus::Clock::now() + std::chrono::milliseconds(100));
    EXPECT_EQ(answer.error().code, Errc::deadline);
}

}  // namespace
}  // namespace parlor::admin
