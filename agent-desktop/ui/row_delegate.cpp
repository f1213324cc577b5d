#include "agent-desktop/ui/row_delegate.h"

#include <QPainter>
#include <algorithm>

namespace parlor::agent {

QSize RowDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
    return {1, std::max(kHeight, 2 * option.fontMetrics.height() + 24)};
}

RowDelegate::Places RowDelegate::paintRow(QPainter& painter, const QStyleOptionViewItem& option,
                                          const Theme& theme) {
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const bool hovered = option.state.testFlag(QStyle::State_MouseOver);
    const QRect row = option.rect.adjusted(6, 2, -6, -2);
    painter.setRenderHint(QPainter::Antialiasing);
    if (selected || hovered) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(selected ? theme.selected : theme.hover);
        painter.drawRoundedRect(row, Theme::kRadius, Theme::kRadius);
    }
    if (option.state.testFlag(QStyle::State_HasFocus)) {
        painter.setPen(theme.accent);
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(row).adjusted(0.5, 0.5, -0.5, -0.5), Theme::kRadius,
                                Theme::kRadius);
    }
    Places places;
    places.avatar = QRect(row.left() + 8, row.center().y() - kAvatar / 2, kAvatar, kAvatar);
    const int left = places.avatar.right() + 11;
    const int line = option.fontMetrics.height() + 2;
    const int width = row.right() - 8 - left;
    places.first = QRect(left, row.center().y() - line, width, line);
    places.second = QRect(left, row.center().y() + 1, width, line);
    return places;
}

int RowDelegate::write(QPainter& painter, const QRect& rect, Qt::Alignment alignment,
                       const QString& text, const QColor& color, bool bold, qreal scale) {
    painter.save();
    QFont font = painter.font();
    font.setBold(bold);
    font.setPointSizeF(font.pointSizeF() * scale);
    painter.setFont(font);
    painter.setPen(color);
    // One line, whatever line breaks a stranger put into it.
    const QString cut =
        painter.fontMetrics().elidedText(text.simplified(), Qt::ElideRight, rect.width());
    painter.drawText(rect, static_cast<int>(alignment | Qt::AlignVCenter), cut);
    const int width = painter.fontMetrics().horizontalAdvance(cut);
    painter.restore();
    return width;
}

}  // namespace parlor::agent
