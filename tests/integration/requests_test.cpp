// What takes long is asked for at one replica and told by any other.

#include <gmock/gmock.h>

#include "tests/integration/stack.h"
#include "tests/integration/staff_client.h"
#include "tests/integration/visitor.h"

namespace parlor::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RequestsTest : public testing::Test {
 protected:
    HttpResponse post(const std::string& address, const Visitor& visitor, const std::string& call,
                      const boost::json::object& body) {
        return http(address, {.method = "POST",
                              .target = visitor.path(call),
                              .body = boost::json::serialize(body),
                              .token = visitor.token()});
    }
    HttpResponse get(const std::string& address, const Visitor& visitor,
                     const std::string& target) {
        return http(address, {.target = target, .token = visitor.token()});
    }

    Stack stack_;
    const std::string one_ = stack_.gateway(1);
    const std::string other_ = stack_.gateway(2);
};

TEST_F(RequestsTest, WhyADraftWasRefusedIsToldByAnotherReplica) {
    const Visitor visitor(one_);
    const auto close = [&](const std::string& id) {
        return post(one_, visitor, "events",
                    {{"request_id", id}, {"close", boost::json::object{{"reason", "done"}}}});
    };
    ASSERT_EQ(close(RequestId::generate().str()).status, 201);
    const auto refused = RequestId::generate().str();
    ASSERT_EQ(close(refused).status, 409);
    const auto told = get(other_, visitor, "/v1/requests/" + refused + "?wait=5").json();
    EXPECT_EQ(told.at("status").as_string(), "failed");
    EXPECT_EQ(told.at("problem").at("code").as_string(), "closed");
}

TEST_F(RequestsTest, ATranscriptIsFetchedAtAnotherReplica) {
    const Visitor visitor(one_);
    const Visitor stranger(one_);
    StaffClient alice(stack_, "alice");
    const auto conversation = *ConversationId::parse(visitor.conversation());
    alice.accept(conversation);
    ASSERT_EQ(visitor.post(one_, "where is my parcel? 你好").status, 201);
    alice.say(conversation, "on its way");
    alice.note(conversation, "for colleagues only");

    const auto id = RequestId::generate().str();
    const auto asked = post(one_, visitor, "transcript", {{"request_id", id}, {"format", "text"}});
    ASSERT_EQ(asked.status, 202) << asked.body;
    const auto location = asked.headers.at("location");
    EXPECT_EQ(location, "/v1/requests/" + id);
    const auto state = get(other_, visitor, location + "?wait=20").json();
    ASSERT_EQ(state.at("status").as_string(), "done") << boost::json::serialize(state);
    const std::string result(state.at("result").as_string());
    const auto file = get(other_, visitor, result);
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(file.headers.at("content-type"), "text/plain; charset=utf-8");
    EXPECT_THAT(file.body, AllOf(HasSubstr("where is my parcel? 你好"), HasSubstr("on its way"),
                                 Not(HasSubstr("colleagues"))));

    EXPECT_EQ(get(other_, stranger, result).status, 404);
    EXPECT_EQ(get(other_, stranger, location).json().at("status").as_string(), "pending");
}

}  // namespace
}  // namespace parlor::test
