#pragma once

#include <QStyledItemDelegate>

#include "agent-desktop/ui/theme.h"

namespace parlor::agent {

// What the rows of both lists on the left have in common: their height, background and first line.
class RowDelegate : public QStyledItemDelegate {
    Q_OBJECT

 public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 protected:
    static constexpr int kHeight = 60;
    static constexpr int kAvatar = 36;

    // Paints the background and returns where the avatar goes, then what is right of it.
    struct Places {
        QRect avatar;
        QRect first;   // first line of text
        QRect second;  // second line
    };
    static Places paintRow(QPainter& painter, const QStyleOptionViewItem& option,
                           const Theme& theme);
    // Writes `text` in `rect`, cut with an ellipsis; returns the width taken.
    static int write(QPainter& painter, const QRect& rect, Qt::Alignment alignment,
                     const QString& text, const QColor& color, bool bold = false,
                     qreal scale = 1.0);
};

}  // namespace parlor::agent
