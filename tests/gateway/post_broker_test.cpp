// Posts as a conversation between gateway and ledger.

#include "gateway/session/post_broker.h"

#include "tests/gateway/support/core_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;

class PostBrokerTest : public CoreTest {
 protected:
    v1::Draft draft(const std::string& text, const RequestId& id = RequestId::generate()) {
        v1::Draft made;
        made.set_request_id(id.str());
        made.mutable_message()->set_text(text);
        return made;
    }
    // What became of it is noted in `outcomes` under `name`.
    PostBroker::Submitted submit(const v1::Draft& what, const std::string& name) {
        return posts.submit(site, conversation, what, [this, name](const auto& outcome) {
            outcomes.push_back(name + " " + describe(outcome));
        });
    }
    static std::string describe(const PostBroker::Outcome& outcome) {
        if (!outcome) return outcome.error().text;
        return std::to_string(outcome->epoch()) + "." + std::to_string(outcome->seq());
    }
    // The ledger records all drafts of the post, from `seq` on.
    void record(const bus::Message& message, const v1::Post& post, std::uint64_t seq) {
        v1::Response response;
        for (const v1::Draft& each : post.drafts()) {
            v1::Receipt& receipt = *response.mutable_post()->add_receipts();
            receipt.set_request_id(each.request_id());
            receipt.mutable_recorded()->set_epoch(1);
            receipt.mutable_recorded()->set_stream(v1::STREAM_SHARED);
            receipt.mutable_recorded()->set_seq(seq++);
        }
        ledger.reply(message, response);
        settle();
    }
    std::vector<std::string> takeOutcomes() { return std::exchange(outcomes, {}); }

    std::vector<std::string> outcomes;
    using Outcomes = std::vector<std::string>;
};

TEST_F(PostBrokerTest, ADraftGetsItsReceipt) {
    submit(draft("hello"), "a");
    v1::Post post;
    const bus::Message message = ledger.expectPost(&post);
    ASSERT_EQ(post.drafts_size(), 1);
    EXPECT_EQ(post.drafts(0).message().text(), "hello");
    EXPECT_EQ(message.expiry, 30s);
    EXPECT_EQ(message.qos, bus::Qos::atMostOnce);
    EXPECT_EQ(message.responseTopic, "parlor/demo/reply/gateway/gw.0");
    record(message, post, 7);
    EXPECT_EQ(takeOutcomes(), Outcomes{"a 1.7"});
    EXPECT_EQ(posts.pending(), 0U);
    advance(5s);
    expectNothingMore();
}

TEST_F(PostBrokerTest, WhatComesMeanwhileGoesTogetherAndInOrder) {
    submit(draft("one"), "one");
    submit(draft("two"), "two");
    submit(draft("three"), "three");
    v1::Post post;
    const bus::Message first = ledger.expectPost(&post);
    ASSERT_EQ(post.drafts_size(), 1);
    expectNothingMore();
    record(first, post, 1);
    const bus::Message second = ledger.expectPost(&post);
    ASSERT_EQ(post.drafts_size(), 2);
    EXPECT_EQ(post.drafts(0).message().text(), "two");
    EXPECT_EQ(post.drafts(1).message().text(), "three");
    record(second, post, 2);
    EXPECT_EQ(takeOutcomes(), (Outcomes{"one 1.1", "two 1.2", "three 1.3"}));
}

TEST_F(PostBrokerTest, ReceiptsOfSeveralConversationsComeTogether) {
    submit(draft("here"), "here");
    v1::Post post;
    const bus::Message here = ledger.expectPost(&post);
    v1::Answers answers;
    const auto add = [&](const bus::Message& sent, std::uint64_t seq) {
        v1::Answer& answer = *answers.add_answers();
        answer.set_correlation(sent.correlationData);
        v1::Receipt& receipt = *answer.mutable_response()->mutable_post()->add_receipts();
        receipt.set_request_id(post.drafts(0).request_id());
        receipt.mutable_recorded()->set_epoch(1);
        receipt.mutable_recorded()->set_seq(seq);
    };
    add(here, 7);
    posts.submit(site, ConversationId::generate(), draft("there"), [this](const auto& outcome) {
        outcomes.push_back("there " + std::to_string(outcome->seq()));
    });
    settle();
    add(ledger.expectPost(&post), 3);
    add({.correlationData = "somebody else's"}, 9);
    ledger.publishRaw({.topic = here.responseTopic, .payload = encode(answers)});
    settle();
    EXPECT_EQ(takeOutcomes(), (Outcomes{"here 1.7", "there 3"}));
    EXPECT_EQ(stats.dropped(Drop::unknown).value(), 1);
    ledger.publishRaw({.topic = here.responseTopic, .payload = "\xFF"});
    settle();
    EXPECT_EQ(stats.dropped(Drop::malformed).value(), 1);
}

TEST_F(PostBrokerTest, APostHoldsAtMost64Drafts) {
    for (int i = 0; i < 70; ++i) submit(draft(std::to_string(i)), "x");
    v1::Post post;
    bus::Message message = ledger.expectPost(&post);
    record(message, post, 1);
    message = ledger.expectPost(&post);
    EXPECT_EQ(post.drafts_size(), 64);
    record(message, post, 2);
    ledger.expectPost(&post);
    EXPECT_EQ(post.drafts_size(), 5);
}

TEST_F(PostBrokerTest, WithoutAReceiptItIsSentAgainTheSame) {
    submit(draft("hello"), "a");
    v1::Post first;
    const bus::Message message = ledger.expectPost(&first);
    advance(1100ms);
    v1::Post again;
    const bus::Message repeated = ledger.expectPost(&again);
    EXPECT_EQ(repeated.correlationData, message.correlationData);
    EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
    EXPECT_EQ(takeOutcomes(), Outcomes());
    record(message, first, 3);
    EXPECT_EQ(takeOutcomes(), Outcomes{"a 1.3"});
    record(repeated, again, 3);  // the second answer finds nobody
    EXPECT_EQ(takeOutcomes(), Outcomes());
    EXPECT_EQ(stats.dropped(Drop::unknown).value(), 1U);
}

TEST_F(PostBrokerTest, ALateReceiptIsRemembered) {
    const auto id = RequestId::generate();
    const auto submitted = submit(draft("hello", id), "a");
    posts.unwatch(conversation, id, submitted.watch);
    v1::Post post;
    const bus::Message message = ledger.expectPost(&post);
    advance(900ms);
    record(message, post, 9);
    EXPECT_EQ(takeOutcomes(), Outcomes());
    const auto known = posts.watch(conversation, id, nullptr);
    ASSERT_TRUE(known && known->outcome);
    EXPECT_EQ(describe(*known->outcome), "1.9");
    // The same draft again is not even sent.
    const auto again = submit(draft("hello", id), "b");
    ASSERT_TRUE(again.outcome);
    EXPECT_EQ(describe(*again.outcome), "1.9");
    expectNothingMore();
}

TEST_F(PostBrokerTest, ARepeatedDraftJoinsTheFirst) {
    const auto id = RequestId::generate();
    submit(draft("hello", id), "a");
    submit(draft("hello", id), "b");
    v1::Post post;
    const bus::Message message = ledger.expectPost(&post);
    record(message, post, 1);
    EXPECT_EQ(takeOutcomes(), (Outcomes{"a 1.1", "b 1.1"}));
    expectNothingMore();
}

TEST_F(PostBrokerTest, OneRequestIdInTwoConversationsAreTwo) {
    const auto id = RequestId::generate();
    submit(draft("hello", id), "a");
    posts.submit(site, ConversationId::generate(), draft("hello", id), nullptr);
    EXPECT_EQ(posts.pending(), 2U);
}

TEST_F(PostBrokerTest, ItGivesUpAfter30Seconds) {
    submit(draft("one"), "one");
    advance(10s);
    submit(draft("two"), "two");
    advance(19500ms);
    EXPECT_EQ(takeOutcomes(), Outcomes());
    advance(1500ms);
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(takeOutcomes()[0].substr(0, 3), "one");
    advance(11s);
    EXPECT_EQ(takeOutcomes().size(), 1U);
    EXPECT_EQ(posts.pending(), 0U);
}

TEST_F(PostBrokerTest, ARefusalIsFinal) {
    submit(draft("hello"), "a");
    v1::Post post;
    const bus::Message message = ledger.expectPost(&post);
    v1::Response response;
    v1::Receipt& receipt = *response.mutable_post()->add_receipts();
    receipt.set_request_id(post.drafts(0).request_id());
    *receipt.mutable_failure() = toFailure({Errc::closed, "it is closed"});
    ledger.reply(message, response);
    settle();
    EXPECT_EQ(takeOutcomes(), Outcomes{"a it is closed"});
    advance(5s);
    expectNothingMore();
}

TEST_F(PostBrokerTest, AFailureOfTheWholePostIsFinalUnlessItPasses) {
    submit(draft("hello"), "a");
    v1::Post post;
    const bus::Message message = ledger.expectPost(&post);
    ledger.replyFailure(message, Errc::unavailable);
    settle();
    EXPECT_EQ(takeOutcomes(), Outcomes());
    advance(1100ms);
    ledger.replyFailure(ledger.expectPost(&post), Errc::notFound);
    settle();
    EXPECT_EQ(takeOutcomes(), Outcomes{"a scripted"});
}

TEST_F(PostBrokerTest, WithoutABrokerItIsRefusedAtOnce) {
    gatewayBus->cut();
    settle();
    const auto submitted = submit(draft("hello"), "a");
    ASSERT_TRUE(submitted.outcome);
    EXPECT_EQ(submitted.outcome->error().code, Errc::unavailable);
    EXPECT_EQ(posts.pending(), 0U);
}

TEST_F(PostBrokerTest, WhatIsUnderWayOutlivesALostConnection) {
    submit(draft("hello"), "a");
    v1::Post post;
    ledger.expectPost(&post);
    gatewayBus->cut();
    settle();
    advance(3s);
    expectNothingMore();
    gatewayBus->restore();
    settle();
    const bus::Message message = ledger.expectPost(&post);
    record(message, post, 1);
    EXPECT_EQ(takeOutcomes(), Outcomes{"a 1.1"});
}

TEST_F(PostBrokerTest, WhatIsPendingIsBounded) {
    for (std::size_t i = 0; i < PostBroker::kMaxPerConversation; ++i) {
        EXPECT_FALSE(posts.submit(site, conversation, draft("x"), nullptr).outcome);
    }
    const auto refused = posts.submit(site, conversation, draft("x"), nullptr);
    ASSERT_TRUE(refused.outcome);
    EXPECT_EQ(refused.outcome->error().code, Errc::overloaded);
    // Others are not concerned.
    EXPECT_FALSE(posts.submit(site, ConversationId::generate(), draft("x"), nullptr).outcome);
}

TEST_F(PostBrokerTest, AWatcherMaySubmitTheNext) {
    const v1::Draft next = draft("two");
    posts.submit(site, conversation, draft("one"), [&](const auto&) { submit(next, "two"); });
    v1::Post post;
    bus::Message message = ledger.expectPost(&post);
    record(message, post, 1);
    message = ledger.expectPost(&post);
    record(message, post, 2);
    EXPECT_EQ(takeOutcomes(), Outcomes{"two 1.2"});
}

TEST_F(PostBrokerTest, RepliesForNobodyAreDroppedAndCounted) {
    submit(draft("hello"), "a");
    v1::Post post;
    bus::Message message = ledger.expectPost(&post);
    bus::Message foreign = message;
    foreign.correlationData = "x";
    ledger.replyFailure(foreign, Errc::closed);
    foreign.correlationData = std::string(16, 'x');
    ledger.replyFailure(foreign, Errc::closed);
    settle();
    EXPECT_EQ(stats.dropped(Drop::unknown).value(), 2U);
    ledger.publishRaw({.topic = message.responseTopic,
                       .payload = "\xff\xff\xff",
                       .correlationData = message.correlationData});
    v1::Response wrong;
    wrong.mutable_history()->set_epoch(1);
    ledger.reply(message, wrong);
    settle();
    EXPECT_EQ(stats.dropped(Drop::malformed).value(), 2U);
    EXPECT_EQ(takeOutcomes(), Outcomes());
    record(message, post, 1);
    EXPECT_EQ(takeOutcomes(), Outcomes{"a 1.1"});
}

class RpcTest : public CoreTest {
 protected:
    void ask(Duration deadline) {
        v1::Request request;
        request.mutable_status()->set_conversation(conversation.str());
        rpc.call(
            site, request,
            [this](Expected<v1::Response> got) {
                answers.push_back(got ? "answer"
                                      : std::to_string(static_cast<int>(got.error().code)));
            },
            deadline);
    }
    static std::string code(Errc errc) { return std::to_string(static_cast<int>(errc)); }
    std::vector<std::string> answers;
    using Answers = std::vector<std::string>;
};

TEST_F(RpcTest, AQuestionIsRepeatedUntilItIsAnswered) {
    ask(5s);
    v1::Request request;
    const bus::Message first = ledger.expectRequest(&request);
    EXPECT_EQ(first.topic, "parlor/demo/rpc/status/gateway");
    advance(1100ms);
    const bus::Message second = ledger.expectRequest(&request);
    EXPECT_EQ(second.correlationData, first.correlationData);
    v1::Response response;
    response.mutable_status();
    ledger.reply(second, response);
    settle();
    EXPECT_EQ(answers, Answers{"answer"});
    advance(10s);
    expectNothingMore();
}

TEST_F(RpcTest, WithoutAnAnswerTheDeadlineCounts) {
    ask(2s);
    advance(1900ms);
    EXPECT_EQ(answers, Answers());
    advance(200ms);
    EXPECT_EQ(answers, Answers{code(Errc::deadline)});
}

TEST_F(RpcTest, WithoutABrokerItIsRefused) {
    gatewayBus->cut();
    settle();
    ask(5s);
    EXPECT_EQ(answers, Answers());  // never from within
    advance(20ms);
    EXPECT_EQ(answers, Answers{code(Errc::unavailable)});
}

TEST_F(RpcTest, AnAnswerOfAnotherKindIsDropped) {
    ask(2s);
    v1::Request request;
    const bus::Message message = ledger.expectRequest(&request);
    v1::Response response;
    response.mutable_open();
    ledger.reply(message, response);
    settle();
    EXPECT_EQ(answers, Answers());
    EXPECT_EQ(stats.dropped(Drop::malformed).value(), 1U);
}

}  // namespace
}  // namespace parlor::gateway::test
