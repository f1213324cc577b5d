#pragma once

#include "agent-desktop/ui/row_delegate.h"

namespace parlor::agent {

// A waiting visitor: name, how long, what was said last, and a button to accept.
class QueueDelegate : public RowDelegate {
    Q_OBJECT

 public:
    using RowDelegate::RowDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                     const QModelIndex& index) override;
    // Where the button is in a row.
    static QRect buttonRect(const QStyleOptionViewItem& option);
    static QRect buttonRect(const QRect& row, const QFontMetrics& metrics);

 Q_SIGNALS:
    void acceptClicked(const QModelIndex& index);
};

}  // namespace parlor::agent
