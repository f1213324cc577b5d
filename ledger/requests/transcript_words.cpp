#include "ledger/requests/transcript_words.h"

#include <string_view>

namespace parlor::ledger {
namespace {

constexpr TranscriptWords kEnglish{
    .tag = "en",
    .title = "Transcript",
    .visitor = "visitor",
    .system = "system",
    .note = " (note)",
    .opened = "opened the conversation",
    .assigned = "{} has the conversation",
    .released = "{} has it no longer",
    .joined = "{} joined",
    .left = "{} left",
    .toAgent = "handed on to {}",
    .toDepartment = "handed on to department {}",
    .reopened = "opened it again",
    .rated = "rated it {} of 5",
    .closed = "closed it",
    .erased = "(erased)",
    .colon = ": ",
};

constexpr TranscriptWords kChinese{
    .tag = "zh-CN",
    .title = "聊天记录",
    .visitor = "访客",
    .system = "系统",
    .note = "（内部备注）",
    .opened = "发起了对话",
    .assigned = "{} 接待此对话",
    .released = "{} 不再接待此对话",
    .joined = "{} 加入了对话",
    .left = "{} 离开了对话",
    .toAgent = "转接给 {}",
    .toDepartment = "转接给部门 {}",
    .reopened = "重新打开了对话",
    .rated = "评分：{} 分（满分 5 分）",
    .closed = "结束了对话",
    .erased = "（已删除）",
    .colon = "：",
};

std::string filled(std::string_view pattern, const std::string& name) {
    std::string text(pattern);
    return text.replace(text.find("{}"), 2, name);
}

}  // namespace

const TranscriptWords& wordsIn(v1::TranscriptRequest::Language language) {
    return language == v1::TranscriptRequest::LANGUAGE_ZH ? kChinese : kEnglish;
}

std::string TranscriptWords::happened(const v1::Event& event) const {
    const auto with = [this](std::string text, const std::string& said) {
        return said.empty() ? text : text + colon + said;
    };
    switch (event.body_case()) {
        case v1::Event::kOpened:
            return opened;
        case v1::Event::kAssigned:
            return filled(assigned, event.assigned().agent_name());
        case v1::Event::kReleased:
            return filled(released, event.released().agent());
        case v1::Event::kJoined:
            return filled(joined, event.joined().agent_name());
        case v1::Event::kLeft:
            return filled(left, event.left().agent());
        case v1::Event::kTransferred:
            return event.transferred().to_agent().empty()
                       ? filled(toDepartment, event.transferred().to_department())
                       : filled(toAgent, event.transferred().to_agent());
        case v1::Event::kReopened:
            return reopened;
        case v1::Event::kRating:
            return with(filled(rated, std::to_string(event.rating().score())),
                        event.rating().comment());
        case v1::Event::kClosed:
            return with(closed, event.closed().reason());
        case v1::Event::BODY_NOT_SET:
            return erased;
        default:
            return {};
    }
}

}  // namespace parlor::ledger
