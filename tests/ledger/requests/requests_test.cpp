// Lists, search, canned replies and reports, asked as agents ask.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::HasSubstr;
using topics::Method;

class RequestsTest : public testing::Test {
 protected:
    RequestsTest() {
        v1::Request request;
        auto& profile = *request.mutable_directory()->mutable_save_agent()->mutable_profile();
        profile.set_id("bob");
        profile.set_role(v1::ROLE_SUPERVISOR);
        EXPECT_TRUE(tool_.call(Method::directory, request).has_directory());
    }
    static World::Options quick() {
        World::Options options;
        options.ledger.indexer.delay = std::chrono::milliseconds(5);
        options.ledger.requests.reportAtOnce = 1;
        return options;
    }
    ConversationId open(const std::string& email) {
        auto request = openRequest("sales");
        request.mutable_visitor()->set_email(email);
        EXPECT_TRUE(gateway_.open(request).has_open());
        return *ConversationId::parse(request.conversation());
    }
    v1::SearchResponse find(const std::string& text) {
        v1::Request request;
        request.mutable_search()->set_query(text);
        return alice_.call(Method::search, request).search();
    }
    static v1::Request savedReply(const std::string& id, const std::string& owner) {
        v1::Request request;
        auto& reply = *request.mutable_canned()->mutable_save()->mutable_reply();
        reply.set_id(id);
        reply.set_owner(owner);
        reply.set_text("您好！");
        return request;
    }
    v1::CannedResponse replies(Sender& sender) {
        v1::Request request;
        request.mutable_canned()->mutable_list();
        return sender.call(Method::canned, request).canned();
    }

    World world_{quick()};
    Sender tool_{world_.broker(), kTool};
    Sender alice_{world_.broker(), kAlice};
    Sender bob_{world_.broker(), kBob};
    Sender gateway_{world_.broker()};
};

TEST_F(RequestsTest, AVisitorsEarlierConversationsAreFoundByTheAddress) {
    open("Zoe@Example.com");
    open("zoe@example.com");
    open("li@example.com");
    v1::Request request;
    auto& wanted = *request.mutable_conversations();
    wanted.set_visitor_email("ZOE@example.com");
    const auto both = alice_.call(Method::conversations, request).conversations();
    ASSERT_EQ(both.conversations_size(), 2);
    EXPECT_EQ(both.next(), "");
    EXPECT_EQ(both.conversations(0).department(), "sales");
    EXPECT_EQ(both.conversations(0).state(), v1::ConversationsRequest::STATE_WAITING);

    wanted.set_limit(1);
    const auto page = alice_.call(Method::conversations, request).conversations();
    ASSERT_EQ(page.conversations_size(), 1);
    wanted.set_before(page.next());
    const auto rest = alice_.call(Method::conversations, request).conversations();
    ASSERT_EQ(rest.conversations_size(), 1);
    EXPECT_NE(page.conversations(0).conversation(), rest.conversations(0).conversation());

    wanted.set_limit(101);
    EXPECT_EQ(alice_.call(Method::conversations, request).failure().code(),
              v1::ERROR_CODE_MALFORMED);
    EXPECT_EQ(gateway_.call(Method::conversations, request).failure().code(),
              v1::ERROR_CODE_FORBIDDEN);
}

// Held, joined, or left a note in: by each agent, in pages, also when it has long been another's.
TEST_F(RequestsTest, AnAgentFindsEverythingItTookPartIn) {
    Sender carol(world_.broker(), kCarol);
    for (const auto& [id, role] :
         {std::pair(kBob, v1::ROLE_AGENT), {kCarol, v1::ROLE_SUPERVISOR}}) {
        v1::Request save;
        *save.mutable_directory()->mutable_save_agent()->mutable_profile() = agent(id, 0, role);
        ASSERT_TRUE(tool_.call(Method::directory, save).has_directory());
        tellStatus(bob_.client(), id, v1::AgentStatus::STATE_ONLINE);
    }
    const auto idsOf = [&](const AgentId& agent) {
        std::vector<std::string> ids;
        v1::Request request;
        auto& wanted = *request.mutable_conversations();
        wanted.set_agent(agent.str());
        wanted.set_limit(1);
        do {
            const auto page = alice_.call(Method::conversations, request).conversations();
            for (const auto& each : page.conversations()) ids.push_back(each.conversation());
            wanted.set_before(page.next());
        } while (!wanted.before().empty());
        return ids;
    };
    const auto first = world_.open(gateway_);
    const auto second = world_.open(gateway_);
    const auto untouched = world_.open(gateway_);
    ASSERT_TRUE(alice_.post(first, accept()).has_recorded());
    ASSERT_TRUE(bob_.post(first, join()).has_recorded());
    ASSERT_TRUE(bob_.post(first, message("may I?")).has_recorded());
    ASSERT_TRUE(bob_.post(first, leave()).has_recorded());
    ASSERT_TRUE(alice_.post(second, accept()).has_recorded());
    world_.broker().drain();
    ASSERT_TRUE(eventually(
        [&] { return alice_.post(second, transferTo(kBob, "knows more")).has_recorded(); }));
    ASSERT_TRUE(eventually([&] {
        return carol.post(second, transferTo(*DepartmentId::parse("sales"), "later"))
            .has_recorded();
    }));
    EXPECT_THAT(idsOf(kAlice), testing::ElementsAre(second.str(), first.str()));
    EXPECT_THAT(idsOf(kBob), testing::ElementsAre(second.str(), first.str()));
    EXPECT_THAT(idsOf(kCarol), testing::ElementsAre(second.str()));
    EXPECT_NE(untouched, first);
}

TEST_F(RequestsTest, WhatWasSaidIsFoundSoonAfter) {
    const auto conversation = world_.open(gateway_);
    ASSERT_TRUE(gateway_.post(conversation, message("我要退款，谢谢")).has_recorded());
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    ASSERT_TRUE(alice_.post(conversation, note("Refund is FINE")).has_recorded());
    EXPECT_TRUE(eventually([&] { return find("退款").events_size() == 1; }));
    EXPECT_EQ(find("退款").events(0).conversation(), conversation.str());
    EXPECT_TRUE(eventually([&] { return find("refund fine").events_size() == 1; }));
    EXPECT_EQ(find("款退").events_size(), 0);

    v1::Request nothing;
    nothing.mutable_search()->set_query("款");
    const auto refused = alice_.call(Method::search, nothing).failure();
    EXPECT_EQ(refused.code(), v1::ERROR_CODE_MALFORMED);
    EXPECT_THAT(refused.text(), HasSubstr("two characters"));
}

// What was recorded while nobody indexed is found when the ledger comes back.
TEST_F(RequestsTest, TheIndexCatchesUp) {
    const auto conversation = world_.open(gateway_);
    ASSERT_TRUE(gateway_.post(conversation, message("before the end")).has_recorded());
    world_.stopLedger();
    world_.startLedger();
    EXPECT_TRUE(eventually([&] { return find("before").events_size() == 1; }));
}

TEST_F(RequestsTest, CannedRepliesAreSharedBySupervisorsAndOnesOwn) {
    const auto shared = Ulid::generate().str();
    const auto own = Ulid::generate().str();
    EXPECT_EQ(alice_.call(Method::canned, savedReply(shared, "")).failure().code(),
              v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(alice_.call(Method::canned, savedReply(own, "bob")).failure().code(),
              v1::ERROR_CODE_FORBIDDEN);
    EXPECT_TRUE(bob_.call(Method::canned, savedReply(shared, "")).has_canned());
    EXPECT_TRUE(alice_.call(Method::canned, savedReply(own, "alice")).has_canned());
    EXPECT_EQ(replies(alice_).replies_size(), 2);
    EXPECT_EQ(replies(bob_).replies_size(), 1);
    // Neither can take the other's by writing over it.
    EXPECT_EQ(bob_.call(Method::canned, savedReply(own, "bob")).failure().code(),
              v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(alice_.call(Method::canned, savedReply(shared, "alice")).failure().code(),
              v1::ERROR_CODE_FORBIDDEN);

    v1::Request removal;
    removal.mutable_canned()->set_remove(own);
    EXPECT_EQ(bob_.call(Method::canned, removal).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_TRUE(alice_.call(Method::canned, removal).has_canned());
    EXPECT_EQ(alice_.call(Method::canned, removal).failure().code(), v1::ERROR_CODE_NOT_FOUND);
    EXPECT_EQ(replies(alice_).replies_size(), 1);
    auto empty = savedReply(Ulid::generate().str(), "alice");
    empty.mutable_canned()->mutable_save()->mutable_reply()->clear_text();
    EXPECT_EQ(alice_.call(Method::canned, empty).failure().code(), v1::ERROR_CODE_MALFORMED);
}

TEST_F(RequestsTest, ReportsAreForSupervisors) {
    const auto conversation = world_.open(gateway_);
    ASSERT_TRUE(alice_.post(conversation, accept()).has_recorded());
    ASSERT_TRUE(alice_.post(conversation, message("hello")).has_recorded());
    ASSERT_TRUE(alice_.post(conversation, close()).has_recorded());
    v1::Request request;
    auto& wanted = *request.mutable_report();
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    wanted.set_from_ms(now - 3600'000);
    wanted.set_until_ms(now + 3600'000);
    wanted.set_group(v1::ReportRequest::GROUP_AGENT);
    EXPECT_EQ(alice_.call(Method::report, request).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_TRUE(eventually([&] {
        const auto report = bob_.call(Method::report, request).report();
        return report.rows_size() == 1 && report.rows(0).key() == "alice" &&
               report.rows(0).agent_messages() == 1 && report.rows(0).handling().count() == 1;
    }));
    wanted.set_until_ms(wanted.from_ms());
    EXPECT_EQ(bob_.call(Method::report, request).failure().code(), v1::ERROR_CODE_MALFORMED);
}

TEST_F(RequestsTest, AReportOfManyConversationsIsAJob) {
    world_.open(gateway_);
    world_.open(gateway_);
    v1::Request request;
    auto& wanted = *request.mutable_report();
    wanted.set_until_ms(std::int64_t{365} * 24 * 3600 * 1000);
    const auto shift = std::chrono::duration_cast<std::chrono::milliseconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count() -
                       wanted.until_ms() / 2;
    wanted.set_from_ms(shift);
    wanted.set_until_ms(wanted.until_ms() + shift);
    v1::Response answer;
    EXPECT_TRUE(eventually([&] {  // once they are indexed
        answer = bob_.call(Method::report, request);
        return answer.has_job();
    }));
    v1::Request asked;
    asked.mutable_job()->set_id(answer.job().id());
    v1::JobResponse job;
    EXPECT_TRUE(eventually([&] {
        job = bob_.call(Method::job, asked).job();
        return job.state() == v1::JobResponse::STATE_DONE;
    }));
    v1::ReportResponse report;
    ASSERT_TRUE(report.ParseFromString(job.data()));
    ASSERT_EQ(report.rows_size(), 1);
    EXPECT_EQ(report.rows(0).conversations(), 2U);
    // It is bob's.
    EXPECT_EQ(alice_.call(Method::job, asked).failure().code(), v1::ERROR_CODE_NOT_FOUND);
    wanted.set_group(v1::ReportRequest::GROUP_HOUR);
    EXPECT_EQ(bob_.call(Method::report, request).failure().text(),
              "report: 92 days at most by hours");
}

}  // namespace
}  // namespace parlor::ledger::test
