// Whatever is done to the record behind the ledger's back, the chain shows it.

#include "ledger/verify/verify.h"

#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/world.h"

namespace parlor::ledger::test {
namespace {

using Poco::Data::Keywords::now;
using testing::HasSubstr;

class VerifyTest : public testing::Test {
 protected:
    VerifyTest() {
        EXPECT_TRUE(alice_.post(conversation_, accept()).has_recorded());
        for (int i = 0; i < 4; ++i) {
            EXPECT_TRUE(gateway_.post(conversation_, message("x")).has_recorded());
            EXPECT_TRUE(alice_.post(conversation_, note("y")).has_recorded());
        }
        world_.stopLedger();
    }

    void tamper(const std::string& sql) {
        Poco::Data::Session session("SQLite", world_.databasePath());
        session << sql, now;
    }
    std::optional<BrokenLink> broken() {
        const auto result = verify(*world_.store().makeReader());
        EXPECT_TRUE(result) << result.error().text;
        return result ? result->broken : std::nullopt;
    }

    World world_;
    Sender gateway_{world_.broker()};
    Sender alice_{world_.broker(), kAlice};
    const ConversationId other_ = world_.open(gateway_);
    const ConversationId conversation_ = world_.open(gateway_);
};

TEST_F(VerifyTest, AnUntouchedRecordIsWhole) {
    const auto result = verify(*world_.store().makeReader());
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->broken);
    EXPECT_EQ(result->conversations, 2U);
    EXPECT_EQ(result->events, 11U);
}

TEST_F(VerifyTest, GarbageIsFound) {
    tamper("UPDATE events SET event = x'ff' WHERE stream = 1 AND seq = 4");
    const auto link = broken();
    ASSERT_TRUE(link);
    EXPECT_EQ(link->conversation, conversation_);
    EXPECT_EQ(link->seq, 4U);
}

TEST_F(VerifyTest, AnotherContentIsFound) {
    const auto page =
        world_.store().makeReader()->history({kSite, conversation_, v1::STREAM_SHARED, 3, 1});
    auto event = *decode<v1::Event>(page->events.at(0));
    event.mutable_message()->set_text("something else");
    const auto serialized = event.SerializeAsString();
    Poco::Data::BLOB bytes(reinterpret_cast<const unsigned char*>(serialized.data()),
                           serialized.size());
    Poco::Data::Session session("SQLite", world_.databasePath());
    session << "UPDATE events SET event = ? WHERE stream = 1 AND seq = 4",
        Poco::Data::Keywords::use(bytes), now;
    const auto link = broken();
    ASSERT_TRUE(link);
    EXPECT_EQ(link->seq, 4U);
    EXPECT_THAT(link->what, HasSubstr("another content"));
}

TEST_F(VerifyTest, ARemovedEventIsFound) {
    tamper("DELETE FROM events WHERE stream = 2 AND seq = 2");
    const auto link = broken();
    ASSERT_TRUE(link);
    EXPECT_EQ(link->stream, v1::STREAM_STAFF);
    EXPECT_EQ(link->seq, 2U);
    EXPECT_THAT(link->what, HasSubstr("missing"));
}

TEST_F(VerifyTest, ACutOffEndIsFound) {
    tamper("DELETE FROM events WHERE stream = 1 AND seq = 6");
    EXPECT_EQ(broken()->seq, 6U);
    tamper("UPDATE heads SET shared_seq = 5 WHERE shared_seq = 6");
    const auto link = broken();
    ASSERT_TRUE(link);
    EXPECT_EQ(link->seq, 5U);
}

TEST_F(VerifyTest, AnEventOfAnotherConversationIsFound) {
    tamper("UPDATE events SET event = (SELECT event FROM events WHERE conversation = '" +
           other_.str() + "' AND seq = 1) WHERE conversation = '" + conversation_.str() +
           "' AND stream = 1 AND seq = 1");
    const auto link = broken();
    ASSERT_TRUE(link);
    EXPECT_EQ(link->seq, 1U);
    EXPECT_THAT(link->str(), HasSubstr("belongs elsewhere"));
}

}  // namespace
}  // namespace parlor::ledger::test
