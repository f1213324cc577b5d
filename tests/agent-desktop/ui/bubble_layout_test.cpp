#include "agent-desktop/ui/bubble_layout.h"

#include <gmock/gmock.h>

#include <QApplication>

namespace parlor::agent {
namespace {

using Action = BubbleLayout::Action;

BubbleLayout::Input message(const QString& text, int width = 400) {
    BubbleLayout::Input input;
    input.entry.from = TimelineEntry::From::visitor;
    input.entry.text = text;
    input.entry.atMs = 1'700'000'000'000;
    input.width = width;
    input.nowMs = input.entry.atMs;
    input.font = QApplication::font();
    return input;
}

// Everything that can be clicked, found by trying every point.
std::vector<BubbleLayout::Hit> hits(const BubbleLayout& layout) {
    std::vector<BubbleLayout::Hit> found;
    for (int y = 0; y < layout.size().height(); y += 3) {
        for (int x = 0; x < layout.size().width(); x += 3) {
            const auto hit = layout.hit({x, y});
            if (hit.action != Action::none) found.push_back(hit);
        }
    }
    return found;
}

TEST(BubbleLayout, WrapsLongTextEvenWithoutSpaces) {
    const int one = BubbleLayout(message("short")).size().height();
    const QString latin(400, 'w');
    const QString han(400, QChar(0x4f60));
    for (const QString& text : {latin, han, QString("many words ").repeated(60)}) {
        const BubbleLayout layout(message(text));
        EXPECT_GT(layout.size().height(), 3 * one);  // more lines than that, whatever the font
        EXPECT_EQ(layout.size().width(), 400);
    }
    EXPECT_GT(BubbleLayout(message("a\nb\nc")).size().height(), one);
}

TEST(BubbleLayout, ANarrowLineIsTaller) {
    const QString text = QString("many words ").repeated(30);
    EXPECT_GT(BubbleLayout(message(text, 240)).size().height(),
              BubbleLayout(message(text, 600)).size().height());
}

TEST(BubbleLayout, ALinkCanBeClickedWhereItStandsOnly) {
    const BubbleLayout plain(message("no link in here"));
    EXPECT_TRUE(hits(plain).empty());
    const BubbleLayout layout(message("see https://a.example/x for more"));
    const auto found = hits(layout);
    ASSERT_FALSE(found.empty());
    for (const auto& hit : found) {
        EXPECT_EQ(hit.action, Action::openLink);
        EXPECT_EQ(hit.url, QUrl("https://a.example/x"));
    }
    EXPECT_EQ(layout.hit({0, 0}).action, Action::none);
}

TEST(BubbleLayout, ALinkStaysClickableOnEveryLineItTakes) {
    const QString address = "https://a.example/" + QString("path/").repeated(40);
    EXPECT_GT(hits(BubbleLayout(message(address, 300))).size(), 20U);
}

TEST(BubbleLayout, AFailureOffersToRetryAndToDiscard) {
    auto input = message("hello");
    input.entry.from = TimelineEntry::From::me;
    input.entry.delivery = TimelineEntry::Delivery::failed;
    input.entry.failureCode = Errc::closed;
    const auto found = hits(BubbleLayout(input));
    const auto offers = [&](Action action) {
        return std::any_of(found.begin(), found.end(),
                           [&](const auto& hit) { return hit.action == action; });
    };
    EXPECT_TRUE(offers(Action::retry));
    EXPECT_TRUE(offers(Action::discard));
    input.width = 200;  // and in the narrowest window still
    EXPECT_FALSE(hits(BubbleLayout(input)).empty());
}

TEST(BubbleLayout, ADayTakesItsRoom) {
    auto input = message("hello");
    const int without = BubbleLayout(input).size().height();
    input.startsDay = true;
    EXPECT_GT(BubbleLayout(input).size().height(), without);
}

}  // namespace
}  // namespace parlor::agent
