#include "agent-desktop/ui/conversation_delegate.h"

#include <QDateTime>
#include <QPainter>
#include <algorithm>

#include "agent-desktop/core/conversation_list_model.h"
#include "agent-desktop/ui/avatar.h"
#include "agent-desktop/ui/wording.h"

namespace parlor::agent {
namespace {

using Phase = Conversation::Phase;

// Returns the width it takes.
int paintBadge(QPainter& painter, const QRect& line, int unread, const Theme& theme) {
    const QString text = unread > 99 ? QStringLiteral("99+") : QString::number(unread);
    QFont font = painter.font();
    font.setBold(true);
    font.setPointSizeF(font.pointSizeF() * 0.85);
    const QFontMetrics metrics(font);
    const int height = metrics.height() + 2;
    const int width = std::max(height, metrics.horizontalAdvance(text) + 12);
    const QRect badge(line.right() - width + 1, line.center().y() - height / 2, width, height);
    painter.save();
    painter.setFont(font);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.accent);
    painter.drawRoundedRect(badge, height / 2.0, height / 2.0);
    painter.setPen(theme.accentText);
    painter.drawText(badge, Qt::AlignCenter, text);
    painter.restore();
    return width;
}

QString secondLine(const QModelIndex& index, Phase phase) {
    if (index.data(ConversationListModel::TypingRole).toBool()) {
        return ConversationDelegate::tr("typing …");
    }
    const QString last = index.data(ConversationListModel::LastTextRole).toString();
    if (phase == Phase::closed) return ConversationDelegate::tr("Closed");
    if (phase == Phase::released) return ConversationDelegate::tr("Not yours any more");
    return last;
}

}  // namespace

void ConversationDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const {
    const Theme theme = Theme::of(option.palette);
    const QString idText = index.data(ConversationListModel::ConversationRole).toString();
    const auto id = ConversationId::parse(idText.toStdString());
    const QString name =
        Wording::visitor(index.data(ConversationListModel::VisitorRole).toString(), *id);
    const auto phase = static_cast<Phase>(index.data(ConversationListModel::PhaseRole).toInt());
    const bool held = phase == Phase::held || phase == Phase::joined;
    const int unread = index.data(ConversationListModel::UnreadRole).toInt();
    const bool typing = index.data(ConversationListModel::TypingRole).toBool();
    const auto presence = static_cast<Conversation::Presence>(
        index.data(ConversationListModel::PresenceRole).toInt());

    painter->save();
    painter->setFont(option.font);
    Places places = paintRow(*painter, option, theme);
    painter->setOpacity(held ? 1.0 : 0.6);
    paintAvatar(*painter, places.avatar, name, idText, theme);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    if (held) {
        paintPresence(*painter, places.avatar, presence, selected ? theme.selected : theme.panel,
                      theme);
    }
    const QString when =
        Wording::briefly(index.data(ConversationListModel::LastAtRole).toLongLong(),
                         QDateTime::currentMSecsSinceEpoch());
    const int whenWidth =
        write(*painter, places.first, Qt::AlignRight, when, theme.muted, false, 0.85);
    write(*painter, places.first.adjusted(0, 0, -whenWidth - Theme::kSpace, 0), Qt::AlignLeft, name,
          theme.text, unread > 0);
    if (unread > 0) {
        const int badge = paintBadge(*painter, places.second, unread, theme);
        places.second.adjust(0, 0, -badge - Theme::kSpace, 0);
    }
    write(*painter, places.second, Qt::AlignLeft, secondLine(index, phase),
          typing ? theme.accent : (unread > 0 ? theme.text : theme.muted));
    painter->restore();
}

}  // namespace parlor::agent
