#include "agent-desktop/ui/avatar.h"

#include <QHash>
#include <QTextBoundaryFinder>

namespace parlor::agent {
namespace {

// The first character as a person sees it: a letter with its accents, an ideograph, an emoji.
QString initial(const QString& name) {
    const QString trimmed = name.trimmed();
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, trimmed);
    const auto end = finder.toNextBoundary();
    return end > 0 ? trimmed.left(end).toUpper() : QStringLiteral("?");
}

}  // namespace

void paintAvatar(QPainter& painter, const QRect& rect, const QString& name, const QString& seed,
                 const Theme& theme) {
    // A fixed seed for the hash, or colours would change with every start.
    const int hue = static_cast<int>(qHash(seed, 7U) % 360);
    const QColor disc = theme.dark ? QColor::fromHsl(hue, 90, 80) : QColor::fromHsl(hue, 110, 205);
    const QColor letter =
        theme.dark ? QColor::fromHsl(hue, 120, 220) : QColor::fromHsl(hue, 120, 75);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(disc);
    painter.drawEllipse(rect);
    QFont font = painter.font();
    font.setBold(true);
    font.setPixelSize(rect.height() * 2 / 5);
    painter.setFont(font);
    painter.setPen(letter);
    painter.drawText(rect, Qt::AlignCenter, initial(name));
    painter.restore();
}

void paintPresence(QPainter& painter, const QRect& avatar, Conversation::Presence presence,
                   const QColor& behind, const Theme& theme) {
    const int size = 11;
    const QRect dot(avatar.right() - size + 3, avatar.bottom() - size + 3, size, size);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(behind, 2));
    switch (presence) {
        case Conversation::Presence::here:
            painter.setBrush(theme.good);
            break;
        case Conversation::Presence::away:
            painter.setBrush(theme.warning);
            break;
        case Conversation::Presence::unknown:
            painter.setBrush(theme.line.darker(theme.dark ? 90 : 115));
            break;
    }
    painter.drawEllipse(dot);
    painter.restore();
}

}  // namespace parlor::agent
