#include "agent-desktop/ui/composer.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QStyle>
#include <QTextDocument>
#include <QVBoxLayout>
#include <algorithm>

#include "agent-desktop/ui/theme.h"
#include "proto/codec.h"

namespace parlor::agent {
namespace {

constexpr int kMostLines = 7;
constexpr auto kLimit = static_cast<qsizetype>(kMaxTextBytes);
constexpr qsizetype kTellFrom = kLimit * 9 / 10;

}  // namespace

Composer::Composer(QWidget* parent)
    : QWidget(parent),
      blocked_(new QLabel(this)),
      edit_(new QTextEdit(this)),
      note_(new QToolButton(this)),
      hint_(new QLabel(this)),
      send_(new QPushButton(tr("Send"), this)) {
    setObjectName("composer");
    setAttribute(Qt::WA_StyledBackground);
    edit_->setObjectName("composerText");
    edit_->setAccessibleName(tr("Your message"));
    edit_->setAcceptRichText(false);
    edit_->setTabChangesFocus(true);
    edit_->installEventFilter(this);
    note_->setText(tr("Note"));
    note_->setCheckable(true);
    note_->setProperty("note", true);
    note_->setToolTip(tr("Write a note that only colleagues see"));
    send_->setObjectName("sendButton");
    send_->setProperty("role", "primary");
    hint_->setProperty("role", "muted");
    blocked_->setProperty("role", "muted");
    blocked_->setObjectName("composerBlocked");
    blocked_->setAlignment(Qt::AlignCenter);
    blocked_->setWordWrap(true);
    blocked_->setTextFormat(Qt::PlainText);

    auto* buttons = new QHBoxLayout;
    buttons->addWidget(note_);
    buttons->addWidget(hint_, 1);
    buttons->addWidget(send_);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 10, 12, 10);
    column->setSpacing(Theme::kSpace);
    column->addWidget(blocked_);
    column->addWidget(edit_);
    column->addLayout(buttons);

    connect(edit_, &QTextEdit::textChanged, this, &Composer::onEdited);
    connect(send_, &QPushButton::clicked, this, &Composer::send);
    connect(note_, &QToolButton::toggled, this, &Composer::onNoteToggled);
    onNoteToggled(false);
    setBlocked({});
}

Audience Composer::audience() const {
    return note_->isChecked() ? Audience::staff : Audience::everybody;
}

void Composer::setText(const QString& text) {
    setting_ = true;
    edit_->setPlainText(text);
    edit_->moveCursor(QTextCursor::End);
    setting_ = false;
    refresh();
}

void Composer::setBlocked(const QString& reason) {
    const bool free = reason.isEmpty();
    blocked_->setText(reason);
    blocked_->setVisible(!free);
    edit_->setEnabled(free);
    edit_->setVisible(free);
    note_->setVisible(free);
    hint_->setVisible(free);
    send_->setVisible(free);
    refresh();
}

bool Composer::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (enter && !key->modifiers().testFlag(Qt::ShiftModifier)) {
            send();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void Composer::send() {
    if (!send_->isEnabled()) return;
    const QString text = edit_->toPlainText();
    const Audience to = audience();
    setText({});
    note_->setChecked(false);
    Q_EMIT sendRequested(text, to);
}

void Composer::onEdited() {
    if (setting_) return;
    refresh();
    if (audience() == Audience::staff) return;
    if (text().trimmed().isEmpty()) {
        Q_EMIT emptied();
    } else {
        Q_EMIT typed();
    }
}

void Composer::refresh() {
    const qsizetype bytes = text().trimmed().toUtf8().size();
    send_->setEnabled(edit_->isEnabled() && bytes > 0 && bytes <= kLimit);
    hint_->setText(bytes >= kTellFrom ? tr("%1 of %2 bytes").arg(bytes).arg(kLimit) : QString());
    hint_->setProperty("role", bytes > kLimit ? "error" : "muted");
    hint_->style()->polish(hint_);
    fitHeight();
}

void Composer::onNoteToggled(bool note) {
    edit_->setPlaceholderText(note ? tr("A note for colleagues; the visitor does not see it")
                                   : tr("Write to the visitor"));
    send_->setText(note ? tr("Save note") : tr("Send"));
    edit_->setProperty("note", note);
    edit_->style()->polish(edit_);
    // What is being written has become invisible to the visitor, or visible.
    if (note) Q_EMIT emptied();
}

void Composer::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitHeight();
}

void Composer::fitHeight() {
    const int line = edit_->fontMetrics().lineSpacing();
    const int frame = 2 * 8 + static_cast<int>(2 * edit_->document()->documentMargin());
    const int wanted = static_cast<int>(edit_->document()->size().height()) + 2 * 8;
    edit_->setFixedHeight(std::clamp(wanted, line + frame, kMostLines * line + frame));
}

}  // namespace parlor::agent
