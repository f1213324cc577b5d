#include "agent-desktop/headless/demo_replies.h"

#include <QRegularExpression>
#include <algorithm>
#include <array>

namespace parlor::agent {
namespace {

struct Reply {
    const char* pattern;  // what the visitor's words hold
    const char* english;
    const char* chinese;
};

constexpr std::array kReplies{
    Reply{"price|cost|how much|expensive|价格|多少钱|费用|收费",
          "The Standard plan is 29 a month and holds five agents; you can change it at any time. "
          "Shall I send you the comparison?",
          "标准版每月 29 元，可供五位客服使用，随时可以更改。需要我把各版本的对比发给您吗？"},
    Reply{"ship|deliver|arrive|tracking|发货|快递|物流|送到",
          "Orders leave our warehouse within one working day and usually arrive in two to four. "
          "If you tell me the order number, I will look where it is.",
          "订单会在一个工作日内发出，一般二到四天送达。您把订单号告诉我，我帮您查一下。"},
    Reply{"refund|return|money back|cancel|退款|退货|取消",
          "You can return anything within 30 days, no reason needed. I can start it for you: what "
          "is the order number?",
          "三十天内可以无理由退货。请告诉我订单号，我马上为您办理。"},
    Reply{"error|broken|not work|doesn't|problem|bug|坏|错误|不能|无法|问题",
          "I am sorry about that. Could you tell me what you did just before, and what you saw? "
          "Then I can look into it.",
          "非常抱歉给您带来不便。能否告诉我出现问题之前您做了什么、看到了什么？我来帮您查。"},
    Reply{"human|robot|bot|real person|真人|机器人|人工",
          "I am the demo agent, a script: I show what a conversation looks like when you try this "
          "alone. Sign in with the desktop client and answer yourself!",
          "我是演示客服，是一段脚本，好让您一个人也能看到对话的样子。打开桌面客户端登录，就可以自己"
          "来回复了！"},
    Reply{"thank|thx|great|perfect|谢|太好了",
          "You are very welcome! Is there anything else I can do for you?",
          "不客气！还有什么可以帮您的吗？"},
    Reply{"bye|goodbye|that's all|再见|拜拜|没有了",
          "Thank you for stopping by, and have a good day!", "感谢您的咨询，祝您愉快，再见！"},
    Reply{"\\bhi\\b|hello|hey|good (morning|day|evening)|你好|您好|在吗",
          "Hello again! What can I help you with?", "您好！请问有什么可以帮您？"},
};

struct General {
    const char* english;
    const char* chinese;
};
constexpr std::array kGeneral{
    General{"Good question. Let me look that up… As far as I can see, yes, that is possible. What "
            "would you use it for?",
            "这个问题很好，我查一下……目前看是可以的。请问您打算用在什么场景？"},
    General{"I see. Could you tell me a little more, so that I get you the right answer?",
            "明白了。能再说详细一点吗？这样我可以给您更准确的答复。"},
    General{"Understood, I have made a note of that for my colleagues. Is there anything else?",
            "好的，我已经记下来转给同事了。还有其他问题吗？"},
};

bool isChinese(const QString& said, const QString& locale) {
    if (said.isEmpty()) return locale.startsWith("zh");
    return std::any_of(said.begin(), said.end(),
                       [](QChar c) { return c.script() == QChar::Script_Han; });
}

}  // namespace

QString DemoReplies::greeting(const QString& visitor, const QString& said,
                              const QString& locale) const {
    if (isChinese(said, locale)) {
        return visitor.isEmpty() ? QString::fromUtf8("您好，欢迎咨询！请问有什么可以帮您？")
                                 : QString::fromUtf8("%1，您好！请问有什么可以帮您？").arg(visitor);
    }
    return visitor.isEmpty()
               ? QString("Hello, and welcome! I am the demo agent. How can I help you?")
               : QString("Hello %1, and welcome! I am the demo agent. How can I help you?")
                     .arg(visitor);
}

QString DemoReplies::answer(const QString& said, const QString& locale) {
    const bool chinese = isChinese(said, locale);
    for (const auto& reply : kReplies) {
        const QRegularExpression pattern(QString::fromUtf8(reply.pattern),
                                         QRegularExpression::CaseInsensitiveOption |
                                             QRegularExpression::UseUnicodePropertiesOption);
        if (pattern.match(said).hasMatch()) {
            return QString::fromUtf8(chinese ? reply.chinese : reply.english);
        }
    }
    const General& general = kGeneral[next_++ % kGeneral.size()];
    return QString::fromUtf8(chinese ? general.chinese : general.english);
}

}  // namespace parlor::agent
