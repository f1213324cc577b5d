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

QString secondLine(const QModelIndex& index, bool mine) {
    const QString offeredTo = index.data(QueueModel::OfferedToRole).toString();
    if (!offeredTo.isEmpty() && !mine) return QueueDelegate::tr("Offered to %1").arg(offeredTo);
    const QString preview = index.data(QueueModel::PreviewRole).toString();
    return preview.isEmpty() ? index.data(QueueModel::DepartmentRole).toString() : preview;
}

QString waitText(const QModelIndex& index, qint64 sinceMs, qint64 nowMs) {
    const QString waited = Wording::waited(sinceMs, nowMs);
    const int priority = index.data(QueueModel::PriorityRole).toInt();
    return priority == 0 ? waited : QueueDelegate::tr("▲%1 · %2").arg(priority).arg(waited);
}

QString acceptText(bool accepting) {
    return accepting ? QStringLiteral("…") : QueueDelegate::tr("Accept");
}

}  // namespace

QueueDelegate::QueueDelegate(const AgentId& me, QObject* parent)
    : RowDelegate(parent), me_(QString::fromStdString(me.str())) {}

bool QueueDelegate::isOfferedToMe(const QModelIndex& index) const {
    return index.data(QueueModel::OfferedToRole).toString() == me_;
}

QRect QueueDelegate::declineRect(const QRect& row, const QFontMetrics& metrics) {
    QRect rect = buttonRect(row, metrics);
    rect.setLeft(rect.right() - metrics.horizontalAdvance(tr("Decline")) - 20);
    return rect.translated(-buttonRect(row, metrics).width() - Theme::kSpace, 0);
}

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
    const int wait = write(*painter, places.first, Qt::AlignRight, waitText(index, since, now),
                           waitColor(now - since, theme), now - since >= kLongMs, 0.9);
    write(*painter, places.first.adjusted(0, 0, -wait - Theme::kSpace, 0), Qt::AlignLeft, name,
          theme.text, true);

    const QRect button = buttonRect(option);
    const bool mine = isOfferedToMe(index);
    const QString offeredTo = index.data(QueueModel::OfferedToRole).toString();
    const bool enabled =
        option.state.testFlag(QStyle::State_Enabled) && !accepting && (mine || offeredTo.isEmpty());
    places.second.setRight(button.left() - Theme::kSpace);
    if (mine) {
        const QRect decline = declineRect(option.rect, option.fontMetrics);
        painter->setPen(theme.line);
        painter->setBrush(theme.panel);
        painter->drawRoundedRect(decline, 7, 7);
        painter->setPen(enabled ? theme.text : theme.muted);
        painter->drawText(decline, Qt::AlignCenter, tr("Decline"));
        places.second.setRight(decline.left() - Theme::kSpace);
    }
    write(*painter, places.second, Qt::AlignLeft, secondLine(index, mine), theme.muted);
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
        if (mouse->button() == Qt::LeftButton && isOfferedToMe(index) &&
            declineRect(option.rect, option.fontMetrics).contains(mouse->position().toPoint())) {
            Q_EMIT declineClicked(index);
            return true;
        }
    }
    return RowDelegate::editorEvent(event, model, option, index);
}

}  // namespace parlor::agent
