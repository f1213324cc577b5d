#include "agent-desktop/ui/link_finder.h"

#include <gmock/gmock.h>

namespace parlor::agent {
namespace {

std::vector<std::string> found(const QString& text) {
    std::vector<std::string> addresses;
    for (const Link& link : findLinks(text)) {
        EXPECT_EQ(QUrl(text.mid(link.start, link.length)), link.url);
        addresses.push_back(text.mid(link.start, link.length).toStdString());
    }
    return addresses;
}
using Addresses = std::vector<std::string>;

TEST(FindLinks, FindsWebAddresses) {
    EXPECT_EQ(found("see https://a.example/x?y=1#z and http://b.example"),
              (Addresses{"https://a.example/x?y=1#z", "http://b.example"}));
    EXPECT_EQ(found("HTTPS://A.example"), (Addresses{"HTTPS://A.example"}));
}

TEST(FindLinks, LeavesTheSentencesPunctuationOut) {
    EXPECT_EQ(found("Go to https://a.example/x."), (Addresses{"https://a.example/x"}));
    EXPECT_EQ(found("(https://a.example/x)"), (Addresses{"https://a.example/x"}));
    EXPECT_EQ(found("https://a.example/x_(y)!"), (Addresses{"https://a.example/x_(y)"}));
    EXPECT_EQ(found(QString::fromUtf8("请看https://a.example/x，谢谢")),
              (Addresses{"https://a.example/x"}));
    EXPECT_EQ(found(QString::fromUtf8("见 https://a.example/x。")),
              (Addresses{"https://a.example/x"}));
}

TEST(FindLinks, OpensNothingButTheWeb) {
    for (const char* text :
         {"javascript:alert(1)", "file:///etc/passwd", "ftp://a.example", "http://", "https://?x",
          "mailto:a@b.example", "xhttps://", "<a href=\"x\">"}) {
        EXPECT_TRUE(found(text).empty()) << text;
    }
    EXPECT_FALSE(isWebAddress(QUrl("file:///etc/passwd")));
    EXPECT_FALSE(isWebAddress(QUrl()));
    EXPECT_TRUE(isWebAddress(QUrl("https://a.example")));
}

}  // namespace
}  // namespace parlor::agent
