// A conversation as a file for its visitor.

#include "tests/gateway/support/edge_test.h"

namespace parlor::gateway::test {
namespace {

using namespace std::chrono_literals;

v1::JobResponse done(const std::string& contentType) {
    v1::JobResponse job;
    job.set_state(v1::JobResponse::STATE_DONE);
    job.set_content_type(contentType);
    return job;
}

class TranscriptTest : public EdgeTest {
 protected:
    Answer ask(const Opened& opened, const std::string& body = "{}") {
        return http({.method = "POST",
                     .target = "/v1/conversations/" + opened.conversation.str() + "/transcript",
                     .token = opened.token,
                     .body = body});
    }
    Answer get(const Opened& opened, const std::string& target) {
        return http({.target = target, .token = opened.token});
    }
    // Asks for one, and fetches what the ledger makes of it.
    Answer fetch(const Opened& opened) {
        return get(opened, ask(opened).header("location") + "/result");
    }
};

TEST_F(TranscriptTest, IsAcceptedThenDoneThenFetched) {
    const Opened opened = open();
    const auto id = RequestId::generate().str();
    const Answer accepted =
        ask(opened, R"({"request_id":")" + id + R"(","format":"html","notes":true})");
    EXPECT_EQ(accepted.status, 202);
    EXPECT_EQ(accepted.body, R"({"request_id":")" + id + R"(","status":"pending"})");
    const std::string target = accepted.header("location");
    EXPECT_EQ(target, "/v1/requests/" + id);
    const auto asked = ledger.takeTranscripts();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].conversation(), opened.conversation.str());
    EXPECT_EQ(asked[0].request_id(), id);
    EXPECT_EQ(asked[0].format(), v1::TranscriptRequest::FORMAT_HTML);
    EXPECT_FALSE(asked[0].notes());

    EXPECT_EQ(get(opened, target).body, accepted.body);
    expectProblem(get(opened, target + "/result"), 404, "not_found");
    HttpPeer waiting(port());
    waiting.send(formatRequest({.target = target + "?wait=20", .token = opened.token}));
    EXPECT_TRUE(waiting.receiveSome(50ms).empty());
    ledger.setTranscript(done("text/html; charset=utf-8"), {"<p>one", " two</p>"});
    EXPECT_EQ(waiting.receive().body,
              R"({"request_id":")" + id +
                  R"(","status":"done","content_type":"text/html; charset=utf-8",)" +
                  R"("result":"/v1/requests/)" + id + R"(/result"})");

    const Answer file = get(opened, target + "/result");
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(file.body, "<p>one two</p>");
    EXPECT_EQ(file.header("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(file.header("content-disposition"), "attachment; filename=\"transcript.html\"");
    EXPECT_EQ(file.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(file.header("content-security-policy").substr(0, 7), "sandbox");
    EXPECT_EQ(file.header("cache-control"), "no-store");
}

TEST_F(TranscriptTest, AFormatThatIsNotNamedIsText) {
    const Opened opened = open();
    ledger.setTranscript(done("text/plain; charset=utf-8"), {"hello"});
    const Answer file = fetch(opened);
    EXPECT_EQ(file.body, "hello");
    EXPECT_EQ(file.header("content-disposition"), "attachment; filename=\"transcript.txt\"");
    EXPECT_EQ(ledger.takeTranscripts().at(0).format(), v1::TranscriptRequest::FORMAT_TEXT);
    ask(opened, R"({"format":"json"})");
    EXPECT_EQ(ledger.takeTranscripts().at(0).format(), v1::TranscriptRequest::FORMAT_JSON);
    expectProblem(ask(opened, R"({"format":"record"})"), 400, "malformed");
    expectProblem(ask(opened, R"({"request_id":"x"})"), 400, "malformed");
    EXPECT_TRUE(ledger.takeTranscripts().empty());
}

TEST_F(TranscriptTest, IsAskedForInALanguage) {
    const Opened opened = open();
    const auto languageOf = [&](const std::string& body) {
        EXPECT_EQ(ask(opened, body).status, 202) << body;
        return ledger.takeTranscripts().at(0).language();
    };
    EXPECT_EQ(languageOf("{}"), v1::TranscriptRequest::LANGUAGE_EN);
    EXPECT_EQ(languageOf(R"({"lang":"en"})"), v1::TranscriptRequest::LANGUAGE_EN);
    EXPECT_EQ(languageOf(R"({"lang":"zh","format":"html"})"), v1::TranscriptRequest::LANGUAGE_ZH);
    for (const char* lang : {R"("fr")", R"("zh-CN")", R"("ZH")", "1", "null"}) {
        const Answer refused = ask(opened, R"({"lang":)" + std::string(lang) + "}");
        expectProblem(refused, 400, "malformed");
        EXPECT_NE(refused.body.find("lang"), std::string::npos) << refused.body;
    }
    EXPECT_TRUE(ledger.takeTranscripts().empty());
}

TEST_F(TranscriptTest, ThatFailedSaysWhy) {
    const Opened opened = open();
    v1::JobResponse failed;
    failed.set_state(v1::JobResponse::STATE_FAILED);
    *failed.mutable_failure() = toFailure({Errc::tooLarge, "the conversation is too long"});
    ledger.setTranscript(failed);
    const std::string target = ask(opened).header("location");
    const auto report = get(opened, target).json();
    EXPECT_EQ(report.at("status").as_string(), "failed");
    EXPECT_EQ(report.at("problem").at("code").as_string(), "too_large");
    expectProblem(get(opened, target + "/result"), 404, "not_found");
}

// What is not among the kinds of file that visitors get is not handed out.
TEST_F(TranscriptTest, OfAnUnknownKindIsNotFetched) {
    const Opened opened = open();
    ledger.setTranscript(done("text/javascript"), {"alert(1)"});
    expectProblem(fetch(opened), 500, "internal");
}

TEST_F(TranscriptTest, NeedsTheConversationsToken) {
    const Opened opened = open();
    const Opened other = open();
    ledger.setTranscript(done("text/plain; charset=utf-8"), {"hello"});
    const std::string target = ask(opened).header("location");
    EXPECT_EQ(get(other, target).json().at("status").as_string(), "pending");
    expectProblem(get(other, target + "/result"), 404, "not_found");
    expectProblem(http({.target = target + "/result"}), 401, "unauthorized");
    expectProblem(http({.method = "POST",
                        .target = "/v1/conversations/" + opened.conversation.str() + "/transcript",
                        .token = other.token,
                        .body = "{}"}),
                  403, "forbidden");
    expectProblem(get(opened, "/v1/requests/nonsense/result"), 404, "not_found");
    start();  // any other gateway
    EXPECT_EQ(get(opened, target + "/result").body, "hello");
}

TEST_F(TranscriptTest, WithoutTheLedgerItIsNotAccepted) {
    const Opened opened = open();
    ledger.setFailure(Error{Errc::notFound, "no such conversation"});
    expectProblem(ask(opened), 404, "not_found");
    cutBroker();
    const Answer away = ask(opened);
    expectProblem(away, 503, "unavailable");
    EXPECT_FALSE(away.header("retry-after").empty());
}

TEST_F(TranscriptTest, IsLimitedByConversationAndByAddress) {
    Config limited = config();
    limited.edge.trustedProxies = {};
    limited.edge.transcripts = {.perSecond = 0.01, .burst = 2};
    limited.edge.transcriptsPerAddress = {.perSecond = 0.01, .burst = 3};
    start(limited);
    ledger.setTranscript(done("text/plain; charset=utf-8"), {"hello"});
    const Opened opened = open();
    EXPECT_EQ(fetch(opened).status, 200);  // two of them
    const Answer refused = ask(opened);
    expectProblem(refused, 429, "rate_limited");
    EXPECT_GE(std::stoi(refused.header("retry-after")), 50);
    const Opened other = open();
    EXPECT_EQ(ask(other).status, 202);
    expectProblem(ask(other), 429, "rate_limited");  // this machine is one address
    EXPECT_EQ(post(opened, "x").status, 201);
}

}  // namespace
}  // namespace parlor::gateway::test
