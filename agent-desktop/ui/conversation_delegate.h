#pragma once

#include "agent-desktop/ui/row_delegate.h"

namespace parlor::agent {

// An open conversation: visitor, presence, what was said last and when, unread messages.
class ConversationDelegate : public RowDelegate {
    Q_OBJECT

 public:
    using RowDelegate::RowDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
};

}  // namespace parlor::agent
