#include "agent-desktop/ui/elided_label.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "agent-desktop/ui/link_finder.h"
#include "agent-desktop/ui/theme.h"

namespace parlor::agent {

ElidedLabel::ElidedLabel(QWidget* parent) : QFrame(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ElidedLabel::setText(const QString& text) {
    text_ = text.simplified();
    setAccessibleName(text_);
    // A tool tip would take markup for what it is; escaped, it is shown as written.
    setToolTip(text_.isEmpty() ? QString() : "<span>" + text_.toHtmlEscaped() + "</span>");
    updateGeometry();
    update();
}

void ElidedLabel::setBold(bool bold) {
    QFont font = this->font();
    font.setBold(bold);
    setFont(font);
}

void ElidedLabel::setMuted(bool muted) {
    muted_ = muted;
    update();
}

void ElidedLabel::setLink(const QUrl& url) {
    link_ = isWebAddress(url) ? url : QUrl();
    const bool clickable = !link_.isEmpty();
    setCursor(clickable ? Qt::PointingHandCursor : Qt::ArrowCursor);
    setFocusPolicy(clickable ? Qt::TabFocus : Qt::NoFocus);
    update();
}

QSize ElidedLabel::sizeHint() const {
    return QSize(fontMetrics().horizontalAdvance(text_) + 2, fontMetrics().height() + 2)
        .grownBy(contentsMargins());
}

QSize ElidedLabel::minimumSizeHint() const {
    return QSize(24, fontMetrics().height() + 2).grownBy(contentsMargins());
}

void ElidedLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool clickable = !link_.isEmpty();
    QFont font = this->font();
    font.setUnderline(clickable && (underMouse() || hasFocus()));
    painter.setFont(font);
    const Theme theme = Theme::of(palette());
    const QColor plain = muted_ ? theme.muted : theme.text;
    painter.setPen(clickable ? theme.accent : plain);
    painter.drawText(contentsRect(), static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter),
                     fontMetrics().elidedText(text_, Qt::ElideRight, contentsRect().width()));
}

void ElidedLabel::mouseReleaseEvent(QMouseEvent* event) {
    const bool inside = rect().contains(event->position().toPoint());
    if (event->button() == Qt::LeftButton && inside && !link_.isEmpty()) {
        Q_EMIT linkActivated(link_);
    }
}

void ElidedLabel::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && !link_.isEmpty()) {
        Q_EMIT linkActivated(link_);
    } else {
        QFrame::keyPressEvent(event);
    }
}

}  // namespace parlor::agent
