#include "agent-desktop/ui/bubble_layout.h"

#include <QFontMetrics>
#include <QTextOption>
#include <algorithm>
#include <cmath>
#include <utility>

#include "agent-desktop/ui/wording.h"

namespace parlor::agent {
namespace {

using From = TimelineEntry::From;
using Delivery = TimelineEntry::Delivery;

constexpr int kSide = 2 * Theme::kSpace;  // from the window's edge to a bubble
constexpr int kPadX = 12;
constexpr int kPadY = 8;
constexpr int kGap = 3;        // between bubbles of a group
constexpr int kGroupGap = 12;  // before another speaker
constexpr int kDayHeight = 36;
constexpr int kWidest = 560;  // longer lines are hard to read
constexpr int kShare = 78;    // per cent of the width that a bubble may take

int ceilInt(qreal value) { return static_cast<int>(std::ceil(value)); }

}  // namespace

BubbleLayout::BubbleLayout(Input input) : input_(std::move(input)) {
    dayBottom_ = input_.startsDay ? kDayHeight : 0;
    if (input_.entry.isBubble()) {
        layOutBubble();
    } else {
        layOutSystem();
    }
}

bool BubbleLayout::isOurs() const { return input_.entry.from != From::visitor; }

QFont BubbleLayout::smallFont() const {
    QFont font = input_.font;
    font.setPointSizeF(font.pointSizeF() * 0.85);
    return font;
}

QString BubbleLayout::meta() const {
    const QString time = Wording::time(input_.entry.atMs);
    const Delivery delivery = input_.entry.delivery;
    if (delivery == Delivery::none || delivery == Delivery::failed) return time;
    return time + QStringLiteral("  ·  ") + Wording::delivery(input_.entry);
}

void BubbleLayout::layOutText(const QString& text, const QFont& font, int width,
                              Qt::Alignment alignment) {
    QString lines = text;
    lines.replace("\r\n", "\n").replace('\n', QChar::LineSeparator);
    QTextOption option(alignment);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(Qt::LayoutDirectionAuto);  // each text in its own script's direction
    text_.setText(lines);
    text_.setFont(font);
    text_.setTextOption(option);
    text_.setCacheEnabled(true);
    text_.beginLayout();
    qreal y = 0;
    for (QTextLine line = text_.createLine(); line.isValid(); line = text_.createLine()) {
        line.setLineWidth(width);
        line.setPosition({0, y});
        y += line.height();
    }
    text_.endLayout();
}

void BubbleLayout::layOutBubble() {
    const TimelineEntry& entry = input_.entry;
    const QFontMetrics smallMetrics(smallFont());
    const int room = std::max(80, std::min(kWidest, input_.width * kShare / 100) - 2 * kPadX);

    int top = dayBottom_ + (input_.startsGroup && !input_.startsDay ? kGroupGap : kGap);
    const bool named = input_.startsGroup && !entry.author.isEmpty() && entry.from != From::me;
    if (named) {
        name_ = QRect(kSide, top, input_.width - 2 * kSide, smallMetrics.height());
        top += smallMetrics.height() + kGap;
    }
    layOutText(entry.text, input_.font, room, Qt::AlignLeft);
    int textWidth = ceilInt(text_.maximumWidth());
    if (text_.lineCount() > 1) {
        textWidth = 0;
        for (int i = 0; i < text_.lineCount(); ++i) {
            textWidth = std::max(textWidth, ceilInt(text_.lineAt(i).naturalTextWidth()));
        }
    }
    const int metaWidth = smallMetrics.horizontalAdvance(meta());
    const int inner = std::min(room, std::max(textWidth, metaWidth));
    // Again at the width it really takes, so that right-to-left text ends at the bubble's edge.
    layOutText(entry.text, input_.font, inner, Qt::AlignLeft);
    links_ = findLinks(entry.text);

    const int textHeight = ceilInt(text_.boundingRect().height());
    const int width = inner + 2 * kPadX;
    const int height = textHeight + smallMetrics.height() + 2 * kPadY + 2;
    bubble_ = QRect(isOurs() ? input_.width - kSide - width : kSide, top, width, height);
    textAt_ = bubble_.topLeft() + QPoint(kPadX, kPadY);
    meta_ = QRect(textAt_.x(), textAt_.y() + textHeight + 2, inner, smallMetrics.height());
    height_ = bubble_.bottom() + 1 + kGap;
    if (entry.delivery == Delivery::failed) layOutFailure(true);
}

void BubbleLayout::layOutSystem() {
    layOutText(
        Wording::system(input_.entry) + QStringLiteral("  ·  ") + Wording::time(input_.entry.atMs),
        smallFont(), input_.width - 4 * kSide, Qt::AlignHCenter);
    textAt_ = QPoint(2 * kSide, dayBottom_ + Theme::kSpace);
    height_ = textAt_.y() + ceilInt(text_.boundingRect().height()) + Theme::kSpace;
    if (input_.entry.delivery == Delivery::failed) layOutFailure(false);
}

void BubbleLayout::layOutFailure(bool onTheRight) {
    const QFontMetrics metrics(smallFont());
    const int words = metrics.horizontalAdvance(Wording::delivery(input_.entry));
    const int retry = metrics.horizontalAdvance(Wording::tr("Retry")) + 2 * Theme::kSpace;
    const int discard = metrics.horizontalAdvance(Wording::tr("Discard")) + 2 * Theme::kSpace;
    const int wordsRoom =
        std::min(words + Theme::kSpace, input_.width - 2 * kSide - retry - discard);
    const int width = wordsRoom + retry + discard;
    const int line = metrics.height() + 4;
    const int left = onTheRight ? input_.width - kSide - width : (input_.width - width) / 2;
    failure_ = QRect(left, height_, wordsRoom, line);
    retry_ = QRect(failure_.right() + 1, height_, retry, line);
    discard_ = QRect(retry_.right() + 1, height_, discard, line);
    height_ += line + kGap;
}

void BubbleLayout::paint(QPainter& painter, const QPoint& origin, const Theme& theme,
                         bool selected) const {
    painter.save();
    painter.translate(origin);
    painter.setRenderHint(QPainter::Antialiasing);
    if (dayBottom_ > 0) paintDay(painter, theme);
    if (input_.entry.isBubble()) {
        paintBubble(painter, theme, selected);
    } else {
        painter.setPen(theme.muted);
        text_.draw(&painter, textAt_);
    }
    if (!failure_.isNull()) paintFailure(painter, theme);
    painter.restore();
}

void BubbleLayout::paintDay(QPainter& painter, const Theme& theme) const {
    const QString day = Wording::day(input_.entry.atMs, input_.nowMs);
    QFont font = smallFont();
    font.setBold(true);
    painter.setFont(font);
    const int middle = dayBottom_ / 2 + 2;
    const int words = QFontMetrics(font).horizontalAdvance(day) + 3 * Theme::kSpace;
    const int left = (input_.width - words) / 2;
    painter.setPen(theme.line);
    painter.drawLine(kSide, middle, left, middle);
    painter.drawLine(left + words, middle, input_.width - kSide, middle);
    painter.setPen(theme.muted);
    painter.drawText(QRect(left, 0, words, 2 * middle), Qt::AlignCenter, day);
}

void BubbleLayout::paintBubble(QPainter& painter, const Theme& theme, bool selected) const {
    const TimelineEntry& entry = input_.entry;
    const bool note = entry.kind == TimelineEntry::Kind::note;
    painter.setFont(smallFont());
    if (!name_.isNull()) {
        painter.setPen(theme.muted);
        const auto side = isOurs() ? Qt::AlignRight : Qt::AlignLeft;
        painter.drawText(
            name_, static_cast<int>(side | Qt::AlignVCenter),
            painter.fontMetrics().elidedText(entry.author, Qt::ElideRight, name_.width()));
    }
    QColor fill = isOurs() ? theme.ours : theme.theirs;
    if (note) fill = theme.note;
    QColor edge = isOurs() || note ? fill : theme.line;
    if (entry.delivery == Delivery::failed) edge = theme.danger;
    if (selected) edge = theme.accent;
    painter.setPen(edge);
    painter.setBrush(fill);
    painter.drawRoundedRect(QRectF(bubble_).adjusted(0.5, 0.5, -0.5, -0.5), Theme::kBubbleRadius,
                            Theme::kBubbleRadius);

    QList<QTextLayout::FormatRange> formats;
    for (const Link& link : links_) {
        QTextLayout::FormatRange range;
        range.start = static_cast<int>(link.start);
        range.length = static_cast<int>(link.length);
        range.format.setForeground(theme.accent);
        range.format.setFontUnderline(true);
        formats.append(range);
    }
    const bool certain = entry.delivery != Delivery::sending && entry.delivery != Delivery::waiting;
    painter.setOpacity(certain ? 1.0 : 0.65);
    painter.setPen(note ? theme.noteText : theme.text);
    text_.draw(&painter, textAt_, formats);
    painter.setPen(note ? theme.noteText : theme.muted);
    painter.drawText(meta_, static_cast<int>(Qt::AlignRight | Qt::AlignVCenter), meta());
    painter.setOpacity(1.0);
}

void BubbleLayout::paintFailure(QPainter& painter, const Theme& theme) const {
    QFont font = smallFont();
    painter.setFont(font);
    painter.setPen(theme.danger);
    painter.drawText(failure_, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter),
                     QFontMetrics(font).elidedText(Wording::delivery(input_.entry), Qt::ElideRight,
                                                   failure_.width()));
    font.setUnderline(true);
    painter.setFont(font);
    painter.setPen(theme.accent);
    painter.drawText(retry_, Qt::AlignCenter, Wording::tr("Retry"));
    painter.drawText(discard_, Qt::AlignCenter, Wording::tr("Discard"));
}

BubbleLayout::Hit BubbleLayout::hit(const QPoint& at) const {
    if (retry_.contains(at)) return {Action::retry, {}};
    if (discard_.contains(at)) return {Action::discard, {}};
    const QPointF inText = at - textAt_;
    for (int i = 0; i < text_.lineCount(); ++i) {
        const QTextLine line = text_.lineAt(i);
        if (!line.naturalTextRect().contains(inText)) continue;
        const int position = line.xToCursor(inText.x(), QTextLine::CursorOnCharacter);
        for (const Link& link : links_) {
            if (position >= link.start && position < link.start + link.length) {
                return {Action::openLink, link.url};
            }
        }
    }
    return {};
}

}  // namespace parlor::agent
