// What gets past the broker, because its sender may write there, and is still not meant to be: the
// ledger drops it, counts it, answers nobody, and goes on serving others.

#include <atomic>
#include <thread>

#include "proto/codec.h"
#include "tests/security/hostile_test.h"
#include "tests/security/ledger_process.h"
#include "tests/support/eventually.h"

namespace parlor::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class LedgerDrops : public HostileTest {
 protected:
    LedgerDrops() { gateway_.subscribe("parlor/+/reply/gateway/gw-1"); }

    // What the ledger says it dropped so far for this reason.
    double dropped(const std::string& reason) {
        const auto text = ledger_.metrics();
        const auto line = "parlor_ledger_dropped_total{reason=\"" + reason + "\"} ";
        const auto at = text.find(line);
        EXPECT_NE(at, std::string::npos) << reason << "\n" << text;
        return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size()));
    }

    // A draft of the visitor, and its answer.
    v1::Response ask(const std::string& topic, const google::protobuf::MessageLite& message) {
        EXPECT_EQ(gateway_.publish({.topic = topic,
                                    .payload = encode(message),
                                    .expiry = 30,
                                    .responseTopic = "parlor/demo/reply/gateway/gw-1",
                                    .correlationData = "x"}),
                  reason::kSuccess);
        const auto reply = gateway_.next();
        return decodeReply(reply.correlationData, reply.payload)->at(0).response();
    }

    void openConversation() {
        v1::Request request;
        request.mutable_open()->set_conversation(kConversation);
        request.mutable_open()->set_request_id(RequestId::generate().str());
        EXPECT_TRUE(ask("parlor/demo/rpc/open/gateway", request).has_open());
    }

    static v1::Post postOf(const std::string& text) {
        v1::Post post;
        auto& draft = *post.add_drafts();
        draft.set_request_id(RequestId::generate().str());
        draft.mutable_message()->set_text(text);
        return post;
    }

    void expectVisitorsAreServed() {
        for (int i = 0; i < 20; ++i) {
            const auto answer = ask(conversationTopic("demo", "in/visitor"), postOf("hello"));
            ASSERT_EQ(answer.post().receipts_size(), 1);
            EXPECT_TRUE(answer.post().receipts(0).has_recorded());
        }
    }

    LedgerProcess ledger_{broker_};
    RawClient gateway_ = broker_.client("gateway");
};

TEST_P(LedgerDrops, Garbage) {
    openConversation();
    auto mallory = broker_.client("mallory");
    ASSERT_EQ(mallory.subscribe("parlor/demo/reply/mallory/+"), reason::kGrantedQos1);
    const std::vector<std::string> payloads = {std::string(200, '\xff'), "{\"json\":true}", "\x08",
                                               std::string(1024 * 1024, '\x7f')};
    for (const auto& payload : payloads) {
        for (const auto& topic : {conversationTopic("demo", "in/agent/mallory"),
                                  std::string("parlor/demo/rpc/history/mallory")}) {
            EXPECT_EQ(mallory.publish({.topic = topic,
                                       .payload = payload,
                                       .responseTopic = "parlor/demo/reply/mallory/desk",
                                       .correlationData = "x"}),
                      reason::kSuccess);
        }
    }
    const auto expected = static_cast<double>(2 * payloads.size());
    EXPECT_TRUE(eventually([&] { return dropped("malformed") == expected; }))
        << dropped("malformed") << " of " << expected;
    EXPECT_THAT(ledger_.log(), HasSubstr("dropped reason=malformed topic=\"" +
                                         conversationTopic("demo", "in/agent/mallory") + "\""));
    EXPECT_THAT(ledger_.log(), Not(HasSubstr("json")));  // which was in a payload
    expectVisitorsAreServed();
    EXPECT_THAT(mallory.received(), IsEmpty());
}

TEST_P(LedgerDrops, ResponseTopicsThatAreNotTheSendersOwn) {
    openConversation();
    auto alice = broker_.client("alice");
    auto bob = broker_.client("bob");
    ASSERT_EQ(alice.subscribe("parlor/demo/reply/alice/+"), reason::kGrantedQos1);
    for (const auto* filter : {"parlor/demo/q/+/+", "parlor/demo/d/+", "parlor/demo/c/+/#"}) {
        ASSERT_EQ(bob.subscribe(filter), reason::kGrantedQos1);
    }
    bob.received();
    auto mallory = broker_.client("mallory");
    const std::vector<std::string> wrong = {"parlor/demo/reply/alice/desk",
                                            "parlor/demo/reply/gateway/gw-1",
                                            "parlor/shop/reply/mallory/desk",
                                            "parlor/demo/reply/mallory",
                                            "parlor/demo/reply/mallory/a/b",
                                            "parlor/demo/reply/mallory/",
                                            conversationTopic("demo", "out/log"),
                                            conversationTopic("demo", "staff/log"),
                                            "parlor/demo/q/general/" + kConversation,
                                            "parlor/demo/d/general",
                                            "parlor/demo/a/mallory/c/" + kConversation,
                                            "$CONTROL/dynamic-security/v1",
                                            ""};
    for (const auto& topic : wrong) {
        mallory.publish({.topic = conversationTopic("demo", "in/agent/mallory"),
                         .payload = encode(postOf("take this")),
                         .responseTopic = topic,
                         .correlationData = "x"});
    }
    const auto expected = static_cast<double>(wrong.size());
    EXPECT_TRUE(eventually([&] { return dropped("response_topic") == expected; }))
        << dropped("response_topic") << " of " << expected;
    EXPECT_THAT(alice.received(), IsEmpty());
    EXPECT_THAT(bob.received(), IsEmpty());
    EXPECT_THAT(gateway_.received(), IsEmpty());
    expectVisitorsAreServed();
}

TEST_P(LedgerDrops, AFloodOfGarbageWhileVisitorsAreServed) {
    openConversation();
    auto mallory = broker_.client("mallory");
    constexpr int kMessages = 20'000;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::atomic<bool> enough = false;
    std::thread flood([&] {
        for (int i = 0; i < kMessages && !enough && std::chrono::steady_clock::now() < end; ++i) {
            mallory.send({.topic = conversationTopic("demo", "in/agent/mallory"),
                          .payload = std::string(200, '\xff'),
                          .qos = 0,
                          .responseTopic = "parlor/demo/reply/mallory/desk",
                          .correlationData = "x"});
        }
    });
    expectVisitorsAreServed();
    enough = true;
    flood.join();
    EXPECT_TRUE(ledger_.running());
    EXPECT_GT(dropped("malformed"), 0);
}

PARLOR_BOTH_ACCOUNTS(LedgerDrops);

}  // namespace
}  // namespace parlor::test
