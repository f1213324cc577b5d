#pragma once

#include <QPainter>
#include <QString>

#include "agent-desktop/core/conversation.h"
#include "agent-desktop/ui/theme.h"

namespace parlor::agent {

// A disc with the name's first letter, in a colour that stays the same for `seed`.
void paintAvatar(QPainter& painter, const QRect& rect, const QString& name, const QString& seed,
                 const Theme& theme);

// A small disc at the lower right of an avatar: whether the visitor is there.
void paintPresence(QPainter& painter, const QRect& avatar, Conversation::Presence presence,
                   const QColor& behind, const Theme& theme);

}  // namespace parlor::agent
