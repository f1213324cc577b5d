// What a transcript says of its own, in each language.

#include "ledger/requests/transcript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ledger/world.h"

namespace parlor::ledger::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// One of each kind, a second apart.
class TranscriptTest : public testing::Test {
 protected:
    TranscriptTest() {
        add(v1::Party::KIND_VISITOR, "").mutable_opened();
        add(v1::Party::KIND_SYSTEM, "").mutable_assigned()->set_agent_name("Alice");
        add(v1::Party::KIND_AGENT, "Bob").mutable_joined()->set_agent_name("Bob");
        add(v1::Party::KIND_AGENT, "Bob").mutable_left()->set_agent("bob");
        add(v1::Party::KIND_AGENT, "Alice").mutable_note()->set_text("hm");
        add(v1::Party::KIND_AGENT, "Alice").mutable_message()->set_text("hello");
        add(v1::Party::KIND_AGENT, "Alice").mutable_transferred()->set_to_agent("carol");
        add(v1::Party::KIND_AGENT, "Alice").mutable_transferred()->set_to_department("sales");
        add(v1::Party::KIND_SYSTEM, "").mutable_released()->set_agent("alice");
        add(v1::Party::KIND_AGENT, "Alice").mutable_closed()->set_reason("done");
        add(v1::Party::KIND_VISITOR, "").mutable_reopened();
        auto& rating = *add(v1::Party::KIND_VISITOR, "").mutable_rating();
        rating.set_score(4);
        rating.set_comment("thanks");
        add(v1::Party::KIND_VISITOR, "").mutable_closed();
        add(v1::Party::KIND_VISITOR, "");
    }
    v1::Event& add(v1::Party::Kind kind, const std::string& name) {
        v1::Event& event = events_.emplace_back();
        event.set_recorded_at_ms(static_cast<std::int64_t>(events_.size()) * 1000);
        event.mutable_author()->set_kind(kind);
        event.mutable_author()->set_name(name);
        return event;
    }
    std::string in(v1::TranscriptRequest::Language language,
                   v1::TranscriptRequest::Format format = v1::TranscriptRequest::FORMAT_TEXT) {
        return transcript(events_, format, language);
    }

    std::vector<v1::Event> events_;
};

TEST_F(TranscriptTest, English) {
    EXPECT_EQ(in(v1::TranscriptRequest::LANGUAGE_EN),
              "1970-01-01T00:00:01Z  visitor – opened the conversation\n"
              "1970-01-01T00:00:02Z  system – Alice has the conversation\n"
              "1970-01-01T00:00:03Z  Bob – Bob joined\n"
              "1970-01-01T00:00:04Z  Bob – bob left\n"
              "1970-01-01T00:00:05Z  Alice (note): hm\n"
              "1970-01-01T00:00:06Z  Alice: hello\n"
              "1970-01-01T00:00:07Z  Alice – handed on to carol\n"
              "1970-01-01T00:00:08Z  Alice – handed on to department sales\n"
              "1970-01-01T00:00:09Z  system – alice has it no longer\n"
              "1970-01-01T00:00:10Z  Alice – closed it: done\n"
              "1970-01-01T00:00:11Z  visitor – opened it again\n"
              "1970-01-01T00:00:12Z  visitor – rated it 4 of 5: thanks\n"
              "1970-01-01T00:00:13Z  visitor – closed it\n"
              "1970-01-01T00:00:14Z  visitor – (erased)\n");
    EXPECT_EQ(in(v1::TranscriptRequest::LANGUAGE_UNSPECIFIED),
              in(v1::TranscriptRequest::LANGUAGE_EN));
}

TEST_F(TranscriptTest, Chinese) {
    EXPECT_EQ(in(v1::TranscriptRequest::LANGUAGE_ZH),
              "1970-01-01T00:00:01Z  访客 – 发起了对话\n"
              "1970-01-01T00:00:02Z  系统 – Alice 接待此对话\n"
              "1970-01-01T00:00:03Z  Bob – Bob 加入了对话\n"
              "1970-01-01T00:00:04Z  Bob – bob 离开了对话\n"
              "1970-01-01T00:00:05Z  Alice（内部备注）: hm\n"
              "1970-01-01T00:00:06Z  Alice: hello\n"
              "1970-01-01T00:00:07Z  Alice – 转接给 carol\n"
              "1970-01-01T00:00:08Z  Alice – 转接给部门 sales\n"
              "1970-01-01T00:00:09Z  系统 – alice 不再接待此对话\n"
              "1970-01-01T00:00:10Z  Alice – 结束了对话：done\n"
              "1970-01-01T00:00:11Z  访客 – 重新打开了对话\n"
              "1970-01-01T00:00:12Z  访客 – 评分：4 分（满分 5 分）：thanks\n"
              "1970-01-01T00:00:13Z  访客 – 结束了对话\n"
              "1970-01-01T00:00:14Z  访客 – （已删除）\n");
}

TEST_F(TranscriptTest, APageNamesItsLanguage) {
    const auto english = in(v1::TranscriptRequest::LANGUAGE_EN, v1::TranscriptRequest::FORMAT_HTML);
    EXPECT_THAT(english, HasSubstr("<html lang=\"en\">"));
    EXPECT_THAT(english, HasSubstr("<title>Transcript</title>"));
    EXPECT_THAT(english, HasSubstr(">Bob joined</dd>"));
    const auto chinese = in(v1::TranscriptRequest::LANGUAGE_ZH, v1::TranscriptRequest::FORMAT_HTML);
    EXPECT_THAT(chinese, HasSubstr("<html lang=\"zh-CN\">"));
    EXPECT_THAT(chinese, HasSubstr("<title>聊天记录</title>"));
    EXPECT_THAT(chinese, HasSubstr("<b>访客</b></dt><dd class=\"event\">发起了对话</dd>"));
    EXPECT_THAT(chinese, Not(HasSubstr("joined")));
}

TEST_F(TranscriptTest, NamesAreNoPatterns) {
    events_.clear();
    add(v1::Party::KIND_AGENT, "Bob").mutable_joined()->set_agent_name("{}<{}>");
    EXPECT_THAT(in(v1::TranscriptRequest::LANGUAGE_EN), HasSubstr(" – {}<{}> joined\n"));
}

}  // namespace
}  // namespace parlor::ledger::test
