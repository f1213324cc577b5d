// What a real broker retains of a conversation that is erased, and what is logged meanwhile.

#include "parlor/v1/state.pb.h"
#include "proto/codec.h"
#include "proto/retained_filters.h"
#include "proto/topics.h"
#include "tests/security/hostile_test.h"
#include "tests/security/ledger_process.h"

namespace parlor::test {
namespace {

using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const SiteId kDemo = *SiteId::parse("demo");
const std::string kSecret = "my secret 我的秘密";
const std::string kEmail = "zoe.secret@example.com";

std::vector<std::string> retainedFilters() {
    return topics::filters::ledgerRetained(kDemo, *ConversationId::parse(kConversation));
}

class ErasureRights : public HostileTest {};

// With either way to keep accounts the ledger finds what is retained, and may clear it.
TEST_P(ErasureRights, TheLedgerSeesAndClearsWhatIsRetained) {
    sendEverything(broker_);
    auto gateway = broker_.client("gateway");
    gateway.publish(
        {.topic = conversationTopic("demo", "in/live"), .payload = kSecret, .retain = true});
    auto alice = broker_.client("alice");
    const auto said = conversationTopic("demo", "out/live/alice");
    alice.publish({.topic = said, .payload = kSecret, .retain = true});

    auto ledger = broker_.client("ledger");
    for (const auto& filter : retainedFilters()) {
        EXPECT_EQ(ledger.subscribe(filter), reason::kGrantedQos1) << filter;
    }
    const auto retained = ledger.received();
    EXPECT_THAT(retained, Each(Field(&RawClient::Message::retain, true)));
    // The log, the notes, presence, one queue, three agents' assignments; two live signals.
    EXPECT_THAT(retained, SizeIs(9));
    for (const auto& each : retained) {
        EXPECT_EQ(ledger.publish({.topic = each.topic, .retain = true}), reason::kSuccess)
            << each.topic;
    }
    auto late = broker_.client("ledger");
    for (const auto& filter : retainedFilters()) late.subscribe(filter);
    EXPECT_THAT(late.received(), IsEmpty());
}

PARLOR_BOTH_ACCOUNTS(ErasureRights);

class ErasureTest : public testing::Test {
 protected:
    ErasureTest() {
        gateway_.subscribe("parlor/+/reply/gateway/gw-1");
        alice_.subscribe("parlor/demo/reply/alice/desk");
    }

    void talk() {
        v1::Request request;
        auto& open = *request.mutable_open();
        open.set_conversation(kConversation);
        open.set_request_id(RequestId::generate().str());
        open.mutable_visitor()->set_name(kSecret);
        open.mutable_visitor()->set_email(kEmail);
        ask(gateway_, "gateway/gw-1", "parlor/demo/rpc/open/gateway", encode(request));
        v1::Draft accept;
        accept.mutable_accept();
        post(alice_, "alice/desk", "in/agent/alice", accept);
        v1::Draft note;
        note.mutable_note()->set_text(kSecret);
        post(alice_, "alice/desk", "in/agent/alice", note);
        v1::Draft hello;
        hello.mutable_message()->set_text(kSecret);
        post(gateway_, "gateway/gw-1", "in/visitor", hello);
        v1::Presence presence;
        presence.set_page_title(kSecret);
        gateway_.publish({.topic = conversationTopic("demo", "in/presence"),
                          .payload = encode(presence),
                          .retain = true});
        v1::Live live;
        live.mutable_typing()->set_preview(kSecret);
        gateway_.publish({.topic = conversationTopic("demo", "in/live"),
                          .payload = encode(live),
                          .retain = true});
    }

    SecuredBroker broker_{Accounts::dynsec};
    LedgerProcess ledger_{broker_};
    RawClient gateway_ = broker_.client("gateway");
    RawClient alice_ = broker_.client("alice");
};

TEST_F(ErasureTest, TheBrokerRetainsNothingOfIt) {
    talk();
    const auto erased =
        broker_.admin({"erase", "--email", "Zoe.Secret@example.com", "--site", "demo"});
    ASSERT_EQ(erased.exitCode, 0) << erased.text;
    EXPECT_THAT(erased.text, HasSubstr("\"open\": true"));
    // The newest event, the note, alice's assignment, presence, the live signal.
    EXPECT_THAT(erased.text, HasSubstr("\"retained\": \"5\""));
    EXPECT_THAT(erased.text, HasSubstr("\"left\": \"0\""));

    auto late = broker_.client("ledger");
    for (const auto& filter : retainedFilters()) late.subscribe(filter);
    const auto retained = late.received();
    EXPECT_THAT(retained, Each(Field(&RawClient::Message::payload, Not(HasSubstr("secret")))));
    std::vector<std::string> topics;
    for (const auto& each : retained) topics.push_back(each.topic);
    EXPECT_THAT(topics, UnorderedElementsAre(conversationTopic("demo", "out/log"),
                                             conversationTopic("demo", "staff/log")));
    ledger_.stop();
    for (const auto& log : {ledger_.log(), broker_.log()}) {
        EXPECT_THAT(log, Not(HasSubstr("secret")));
        EXPECT_THAT(log, Not(HasSubstr("秘密")));
    }
}

}  // namespace
}  // namespace parlor::test
