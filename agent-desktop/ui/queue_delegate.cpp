#include "agent-desktop/ui/queue_delegate.h"

#include <QDateTime>
#include <QMouseEvent>
#include <QPainter>

#include "agent-desktop/core/queue_model.h"
#include "agent-desktop/ui/avatar.h"
#include "agent-desktop/ui/wording.h"

namespace parlor::agent {
namespace {

constexpr qint64 kLongMs = 2 * 60 * 1000;
constexpr qint64 kTooLongMs = 5 * 60 * 1000;

QColor waitColor(qint64 waitedMs, const Theme& theme) {
    if (waitedMs >= kTooLongMs) return theme.danger;
    return waitedMs >= kLongMs ? theme.warning : theme.muted;
}

QString acceptText(bool accepting) {
    return accepting ? QStringLiteral("…") : QueueDelegate::tr("Accept");
}

}  // namespace

QRect QueueDelegate::buttonRect(const QStyleOptionViewItem& option) {
    return buttonRect(option.rect, option.fontMetrics);
}

QRect QueueDelegate::buttonRect(const QRect& row, const QFontMetrics& metrics) {
    const int width = metrics.horizontalAdvance(acceptText(false)) + 20;
    const int height = metrics.height() + 6;
    return {row.right() - 12 - width, row.bottom() - 7 - height, width, height};
}

void QueueDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const {
    const Theme theme = Theme::of(option.palette);
    const QString idText = index.data(QueueModel::ConversationRole).toString();
    const auto id = ConversationId::parse(idText.toStdString());
    const QString name = Wording::visitor(index.data(QueueModel::VisitorRole).toString(), *id);
    const qint64 since = index.data(QueueModel::WaitingSinceRole).toLongLong();
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    const bool accepting = index.data(QueueModel::AcceptingRole).toBool();

    painter->save();
    painter->setFont(option.font);
    Places places = paintRow(*painter, option, theme);
    paintAvatar(*painter, places.avatar, name, idText, theme);
    const int wait = write(*painter, places.first, Qt::AlignRight, Wording::waited(since, now),
                           waitColor(now - since, theme), now - since >= kLongMs, 0.9);
    write(*painter, places.first.adjusted(0, 0, -wait - Theme::kSpace, 0), Qt::AlignLeft, name,
          theme.text, true);

    const QRect button = buttonRect(option);
    const bool enabled = option.state.testFlag(QStyle::State_Enabled) && !accepting;
    const QString preview = index.data(QueueModel::PreviewRole).toString();
    const QString department = index.data(QueueModel::DepartmentRole).toString();
    places.second.setRight(button.left() - Theme::kSpace);
    write(*painter, places.second, Qt::AlignLeft, preview.isEmpty() ? department : preview,
          theme.muted);
    painter->setPen(Qt::NoPen);
    painter->setBrush(enabled ? theme.accent : theme.line);
    painter->drawRoundedRect(button, 7, 7);
    painter->setPen(enabled ? theme.accentText : theme.muted);
    painter->drawText(button, Qt::AlignCenter, acceptText(accepting));
    painter->restore();
}

bool QueueDelegate::editorEvent(QEvent* event, QAbstractItemModel* model,
                                const QStyleOptionViewItem& option, const QModelIndex& index) {
    if (event->type() == QEvent::MouseButtonRelease) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->button() == Qt::LeftButton &&
            buttonRect(option).contains(mouse->position().toPoint())) {
            Q_EMIT acceptClicked(index);
            return true;
        }
    }
    return RowDelegate::editorEvent(event, model, option, index);
}

}  // namespace parlor::agent
