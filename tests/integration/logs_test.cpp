// No log has what people said, or who visitors are; the load balancer's alone has their addresses.

#include <gmock/gmock.h>

#include "tests/integration/headless_agent.h"
#include "tests/integration/stack.h"
#include "tests/integration/visitor.h"
#include "tests/support/eventually.h"

namespace parlor::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const boost::json::object kOpening = {{"visitor",
                                       {{"name", "Zoë Logtest"},
                                        {"email", "zoe@logtest.example"},
                                        {"page_url", "https://logtest.example/page"},
                                        {"page_title", "logtest title"},
                                        {"referrer", "https://logtest.example/"}}}};

class Logs : public testing::TestWithParam<std::string> {};

TEST_P(Logs, HaveIdsAndNotWhatWasSaid) {
    Stack stack({.balancer = GetParam()});
    const auto opened = http(stack.balancer(), {.method = "POST",
                                                .target = "/v1/sites/demo/conversations",
                                                .body = boost::json::serialize(kOpening)});
    ASSERT_EQ(opened.status, 201) << opened.body;
    const auto body = opened.json();
    const std::string conversation(body.at("conversation").as_string());
    const std::string token(body.at("token").as_string());
    const auto path = "/v1/conversations/" + conversation;
    const auto post = [&](const std::string& end, const boost::json::object& what) {
        return http(stack.balancer(), {.method = "POST",
                                       .target = path + end,
                                       .body = boost::json::serialize(what),
                                       .token = token})
            .status;
    };
    const auto draft = [&](const std::string& name, const boost::json::object& what) {
        return post("/events", {{"request_id", RequestId::generate().str()}, {name, what}});
    };
    EXPECT_EQ(draft("message", {{"text", "a logtest message"}}), 201);
    EXPECT_EQ(post("/live", {{"typing", {{"active", true}, {"preview", "logtest typing"}}}}), 204);
    EXPECT_EQ(post("/live",
                   {{"presence", {{"state", "here"}, {"page_url", "https://logtest.example/2"}}}}),
              204);
    EXPECT_EQ(http(stack.balancer(), {.target = path +
                                                "/events?after=0&presence=away&page_title="
                                                "logtest&access_token=" +
                                                token})
                  .status,
              200);
    EXPECT_EQ(draft("rating", {{"score", 5}, {"comment", "logtest comment"}}), 201);
    HeadlessAgent alice(stack, "alice");
    alice.accept(conversation);
    alice.expect("assigned");
    alice.say(conversation, "a logtest answer");
    alice.expect("sent");
    const auto erased = runParlor({"admin", "--data", stack.dir().file("data"), "--bin",
                                   PARLOR_BINARY_DIR, "erase", "--email", "zoe@logtest.example"});
    EXPECT_EQ(erased.exitCode, 0) << erased.text;
    EXPECT_THAT(erased.text, HasSubstr(conversation));
    // What it says of a gateway that is gone.
    for (const auto* part : {"gateway-1", "gateway-2"}) stack.kill9(part);
    EXPECT_GE(http(stack.balancer(),
                   {.target = path + "/events?page_title=logtest&access_token=" + token})
                  .status,
              500);
    EXPECT_EQ(stack.parlor({"down"}).exitCode, 0);

    for (const auto* part : {"gateway-1", "gateway-2", "ledger", "broker", "balancer", "admin"}) {
        const auto log = stack.log(part);
        EXPECT_FALSE(log.empty()) << part;
        EXPECT_THAT(log, Not(HasSubstr("logtest"))) << part;
        EXPECT_THAT(log, Not(HasSubstr("Logtest"))) << part;
        EXPECT_THAT(log, Not(HasSubstr(token))) << part;
    }
    EXPECT_THAT(stack.log("balancer"), HasSubstr(path + "/events"));
    EXPECT_THAT(stack.log("balancer"), HasSubstr("127.0.0.1"));
}

INSTANTIATE_TEST_SUITE_P(Balancers, Logs, testing::Values("haproxy", "nginx"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace parlor::test
