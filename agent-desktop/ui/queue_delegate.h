#pragma once

#include "agent-desktop/ui/row_delegate.h"
#include "proto/ids.h"

namespace parlor::agent {

// A waiting visitor: name, how long, what was said last, and a button to accept; where it is
// offered to `me`, also one to decline.
class QueueDelegate : public RowDelegate {
    Q_OBJECT

 public:
    explicit QueueDelegate(const AgentId& me, QObject* parent = nullptr);

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                     const QModelIndex& index) override;
    // Where the button is in a row.
    static QRect buttonRect(const QStyleOptionViewItem& option);
    static QRect buttonRect(const QRect& row, const QFontMetrics& metrics);
    static QRect declineRect(const QRect& row, const QFontMetrics& metrics);

 Q_SIGNALS:
    void acceptClicked(const QModelIndex& index);
    void declineClicked(const QModelIndex& index);

 private:
    bool isOfferedToMe(const QModelIndex& index) const;

    const QString me_;
};

}  // namespace parlor::agent
