// Transcripts that gateways ask for, on behalf of visitors.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/world.h"
#include "tests/support/eventually.h"

namespace parlor::ledger::test {
namespace {

using parlor::test::eventually;
using testing::HasSubstr;
using testing::Not;
using topics::Method;

class VisitorTranscriptTest : public testing::Test {
 protected:
    static World::Options quick() {
        World::Options options;
        options.ledger.jobs.poll = std::chrono::milliseconds(20);
        return options;
    }
    void SetUp() override {
        auto request = openRequest("sales");
        request.mutable_visitor()->set_email("zoe@example.com");
        ASSERT_TRUE(gateway_.open(request).has_open());
        conversation_ = *ConversationId::parse(request.conversation());
        ASSERT_TRUE(alice_.post(conversation_, accept()).has_recorded());
        ASSERT_TRUE(gateway_.post(conversation_, message("my question")).has_recorded());
        ASSERT_TRUE(alice_.post(conversation_, message("my answer")).has_recorded());
        ASSERT_TRUE(alice_.post(conversation_, note("for colleagues")).has_recorded());
    }
    v1::Request transcriptRequest(
        v1::TranscriptRequest::Format format = v1::TranscriptRequest::FORMAT_TEXT) const {
        v1::Request request;
        request.mutable_transcript()->set_conversation(conversation_.str());
        request.mutable_transcript()->set_format(format);
        request.mutable_transcript()->set_request_id(Ulid::generate().str());
        return request;
    }
    v1::StatusResponse status(Sender& who, const std::string& id, std::uint32_t part = 0) {
        v1::Request request;
        request.mutable_status()->set_conversation(conversation_.str());
        request.mutable_status()->set_request_id(id);
        request.mutable_status()->set_part(part);
        return who.call(Method::status, request).status();
    }
    v1::JobResponse finished(const std::string& id) {
        v1::JobResponse job;
        EXPECT_TRUE(eventually([&] {
            job = status(elsewhere_, id).job();
            return job.state() == v1::JobResponse::STATE_DONE ||
                   job.state() == v1::JobResponse::STATE_FAILED;
        }));
        return job;
    }
    std::string transcriptOf(v1::TranscriptRequest::Format format,
                             v1::TranscriptRequest::Language language = {}) {
        auto request = transcriptRequest(format);
        request.mutable_transcript()->set_language(language);
        const auto asked = gateway_.call(Method::transcript, request);
        EXPECT_TRUE(asked.has_job()) << asked.failure().text();
        const auto job = finished(request.transcript().request_id());
        EXPECT_EQ(job.state(), v1::JobResponse::STATE_DONE) << job.failure().text();
        return job.data();
    }
    v1::ErrorCode refusal(Sender& who, const v1::Request& request) {
        return who.call(Method::transcript, request).failure().code();
    }

    World world_{quick()};
    Sender gateway_{world_.broker()};
    Sender elsewhere_{world_.broker()};
    Sender alice_{world_.broker(), kAlice};
    ConversationId conversation_;
};

TEST_F(VisitorTranscriptTest, HoldsWhatVisitorsMaySeeInEveryFormat) {
    for (const auto format :
         {v1::TranscriptRequest::FORMAT_TEXT, v1::TranscriptRequest::FORMAT_HTML,
          v1::TranscriptRequest::FORMAT_JSON}) {
        const auto text = transcriptOf(format);
        EXPECT_THAT(text, HasSubstr("my question"));
        EXPECT_THAT(text, HasSubstr("my answer"));
        EXPECT_THAT(text, HasSubstr("Zoë"));
        EXPECT_THAT(text, Not(HasSubstr("colleagues")));
        EXPECT_THAT(text, Not(HasSubstr("example.com")));
        EXPECT_THAT(text, Not(HasSubstr("salt")));
    }
}

TEST_F(VisitorTranscriptTest, IsInTheLanguageThatIsAskedFor) {
    for (const auto format :
         {v1::TranscriptRequest::FORMAT_TEXT, v1::TranscriptRequest::FORMAT_HTML}) {
        const auto english = transcriptOf(format, v1::TranscriptRequest::LANGUAGE_EN);
        EXPECT_THAT(english, HasSubstr("opened the conversation"));
        EXPECT_EQ(transcriptOf(format), english);
        const auto chinese = transcriptOf(format, v1::TranscriptRequest::LANGUAGE_ZH);
        EXPECT_THAT(chinese, HasSubstr("发起了对话"));
        EXPECT_THAT(chinese, HasSubstr("my question"));
        EXPECT_THAT(chinese, Not(HasSubstr("opened the conversation")));
    }
    auto wrong = transcriptRequest();
    wrong.mutable_transcript()->set_language(static_cast<v1::TranscriptRequest::Language>(99));
    EXPECT_EQ(refusal(gateway_, wrong), v1::ERROR_CODE_MALFORMED);
    wrong.mutable_transcript()->clear_request_id();
    EXPECT_EQ(refusal(alice_, wrong), v1::ERROR_CODE_MALFORMED);
}

TEST_F(VisitorTranscriptTest, AskingAgainMakesNoOther) {
    const auto request = transcriptRequest();
    ASSERT_TRUE(gateway_.call(Method::transcript, request).has_job());
    const auto& id = request.transcript().request_id();
    const auto before = finished(id).data();
    ASSERT_TRUE(gateway_.post(conversation_, message("one thing more")).has_recorded());
    ASSERT_TRUE(elsewhere_.call(Method::transcript, request).has_job());
    EXPECT_EQ(finished(id).data(), before);
    EXPECT_THAT(transcriptOf(v1::TranscriptRequest::FORMAT_TEXT), HasSubstr("one thing more"));
}

TEST_F(VisitorTranscriptTest, GatewaysGetNothingElse) {
    auto withNotes = transcriptRequest();
    withNotes.mutable_transcript()->set_notes(true);
    EXPECT_EQ(refusal(gateway_, withNotes), v1::ERROR_CODE_FORBIDDEN);
    EXPECT_EQ(refusal(gateway_, transcriptRequest(v1::TranscriptRequest::FORMAT_RECORD)),
              v1::ERROR_CODE_FORBIDDEN);
    auto nameless = transcriptRequest();
    nameless.mutable_transcript()->clear_request_id();
    EXPECT_EQ(refusal(gateway_, nameless), v1::ERROR_CODE_MALFORMED);
    auto nowhere = transcriptRequest();
    nowhere.mutable_transcript()->set_conversation(Ulid::generate().str());
    EXPECT_EQ(refusal(gateway_, nowhere), v1::ERROR_CODE_NOT_FOUND);

    v1::Request search;
    search.mutable_search()->set_query("question");
    EXPECT_EQ(gateway_.call(Method::search, search).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    v1::Request erase;
    erase.mutable_erase()->set_conversation(conversation_.str());
    EXPECT_EQ(gateway_.call(Method::erase, erase).failure().code(), v1::ERROR_CODE_FORBIDDEN);
    v1::Request job;
    job.mutable_job()->set_id(Ulid::generate().str());
    EXPECT_EQ(gateway_.call(Method::job, job).failure().code(), v1::ERROR_CODE_FORBIDDEN);
}

// An agent asks under its own name, by its job's id.
TEST_F(VisitorTranscriptTest, StaffHasItsOwnWay) {
    const auto request = transcriptRequest();
    EXPECT_EQ(refusal(alice_, request), v1::ERROR_CODE_MALFORMED);
    ASSERT_TRUE(gateway_.call(Method::transcript, request).has_job());
    const auto& id = request.transcript().request_id();
    finished(id);
    EXPECT_FALSE(status(alice_, id).has_job());
    v1::Request job;
    job.mutable_job()->set_id(id);
    EXPECT_EQ(alice_.call(Method::job, job).failure().code(), v1::ERROR_CODE_NOT_FOUND);
}

TEST_F(VisitorTranscriptTest, OneThatIsTooLongSaysSo) {
    const std::string text(kMaxTextBytes, 'x');
    for (int i = 0; i < 9; ++i) {
        std::vector<v1::Draft> drafts;
        for (int j = 0; j < 60; ++j) drafts.push_back(message(text));
        const auto answer = gateway_.post(conversation_, drafts);
        ASSERT_TRUE(answer.post().receipts(0).has_recorded()) << answer.DebugString();
    }
    const auto request = transcriptRequest();
    ASSERT_TRUE(gateway_.call(Method::transcript, request).has_job());
    const auto job = finished(request.transcript().request_id());
    EXPECT_EQ(job.state(), v1::JobResponse::STATE_FAILED);
    EXPECT_EQ(job.failure().code(), v1::ERROR_CODE_TOO_LARGE);
}

TEST_F(VisitorTranscriptTest, GoesWithTheVisitorsErasure) {
    const auto request = transcriptRequest();
    ASSERT_TRUE(gateway_.call(Method::transcript, request).has_job());
    const auto& id = request.transcript().request_id();
    finished(id);
    ASSERT_TRUE(alice_.post(conversation_, close()).has_recorded());
    const Deed deed{kSite, {}, {}, {}};
    const auto erased = world_.store().makeEraser()->erase(
        kSite, conversation_, [](const std::string&) { return std::nullopt; },
        [](const std::string&) { return std::vector<std::string>(); }, deed);
    ASSERT_TRUE(erased) << erased.error().text;
    EXPECT_EQ(erased->transcripts, 1U);
    EXPECT_FALSE(status(gateway_, id).has_job());
}

}  // namespace
}  // namespace parlor::ledger::test
