#include "agent-desktop/ui/chat_pane.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <utility>

#include "agent-desktop/ui/transfer_dialog.h"
#include "agent-desktop/ui/wording.h"

namespace parlor::agent {

ChatPane::ChatPane(AgentClient& client, QWidget* parent) : QStackedWidget(parent), client_(client) {
    auto* nothing = new QLabel(tr("Choose a conversation on the left,\nor accept somebody who is "
                                  "waiting."),
                               this);
    nothing->setProperty("role", "muted");
    nothing->setAlignment(Qt::AlignCenter);
    nothing->setWordWrap(true);
    addWidget(nothing);
    chat_ = makeChat();
    addWidget(chat_);
    connectParts();
}

QWidget* ChatPane::makeChat() {
    auto* chat = new QWidget(this);
    gap_ = new QLabel(chat);
    gap_->setProperty("role", "muted");
    gap_->setAlignment(Qt::AlignCenter);
    gap_->setWordWrap(true);
    gap_->setContentsMargins(12, 4, 12, 4);
    timeline_ = new TimelineView(chat);
    typing_ = new ElidedLabel(chat);
    typing_->setObjectName("typing");
    typing_->setMuted(true);
    typing_->setContentsMargins(16, 0, 16, 4);
    composer_ = new Composer(chat);
    auto* column = new QVBoxLayout(chat);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeHeader());
    column->addWidget(gap_);
    column->addWidget(timeline_, 1);
    column->addWidget(typing_);
    column->addWidget(composer_);
    return chat;
}

QWidget* ChatPane::makeHeader() {
    auto* header = new QWidget(this);
    header->setObjectName("chatHeader");
    header->setAttribute(Qt::WA_StyledBackground);
    title_ = new ElidedLabel(header);
    title_->setObjectName("chatTitle");
    title_->setBold(true);
    subtitle_ = new ElidedLabel(header);
    subtitle_->setMuted(true);
    handover_ = new HandoverMenu(header);
    handover_->setObjectName("handoverMenu");
    close_ = new ConfirmButton(tr("Close"), tr("Close it now?"), header);
    close_->setObjectName("closeButton");
    close_->setToolTip(tr("End this conversation"));
    dismiss_ = new QPushButton(tr("Remove from list"), header);
    dismiss_->setObjectName("dismissButton");
    auto* names = new QVBoxLayout;
    names->setSpacing(0);
    names->addWidget(title_);
    names->addWidget(subtitle_);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(16, 8, 12, 8);
    row->addLayout(names, 1);
    row->addWidget(handover_);
    row->addWidget(close_);
    row->addWidget(dismiss_);
    return header;
}

void ChatPane::connectParts() {
    connect(composer_, &Composer::sendRequested, this, &ChatPane::send);
    connect(composer_, &Composer::typed, this, [this] {
        if (conversation_) conversation_->typing().typed();
    });
    connect(composer_, &Composer::emptied, this, [this] {
        if (conversation_) conversation_->typing().stop();
    });
    connect(close_, &ConfirmButton::confirmed, this, [this] {
        if (conversation_) client_.close(conversation_->id(), {});
    });
    connect(handover_, &HandoverMenu::transferRequested, this, &ChatPane::askForTransfer);
    connect(handover_, &HandoverMenu::leaveRequested, this, [this] {
        if (conversation_) client_.leave(conversation_->id());
    });
    connect(handover_, &HandoverMenu::joinRequested, this, [this] {
        if (conversation_) client_.join(conversation_->id());
    });
    connect(handover_, &HandoverMenu::takeOverRequested, this, [this] {
        if (conversation_) client_.takeOver(conversation_->id());
    });
    connect(&client_, &AgentClient::roleChanged, this, &ChatPane::refresh);
    connect(dismiss_, &QPushButton::clicked, this, &ChatPane::dismiss);
    connect(timeline_, &TimelineView::linkActivated, this, &ChatPane::linkActivated);
    connect(timeline_, &TimelineView::retryRequested, this, [this](const QString& id) {
        if (const auto request = RequestId::parse(id.toStdString())) client_.retry(*request);
    });
    connect(timeline_, &TimelineView::discardRequested, this, [this](const QString& id) {
        if (const auto request = RequestId::parse(id.toStdString())) client_.discard(*request);
    });
}

void ChatPane::showConversation(Conversation* conversation) {
    if (conversation == conversation_) return;
    if (conversation_) {
        begun_[conversation_->id()] = composer_->text();
        conversation_->typing().stop();
        conversation_->disconnect(this);
    }
    conversation_ = conversation;
    timeline_->showTimeline(conversation ? &conversation->timeline() : nullptr);
    setCurrentIndex(conversation ? 1 : 0);
    if (!conversation) return;
    connect(conversation, &Conversation::changed, this, &ChatPane::refresh);
    connect(conversation, &Conversation::presenceChanged, this, &ChatPane::refresh);
    connect(conversation, &Conversation::visitorTypingChanged, this, &ChatPane::refreshTyping);
    composer_->setText(std::exchange(begun_[conversation->id()], {}));
    refresh();
    refreshTyping();
}

void ChatPane::refresh() {
    if (!conversation_) return;
    title_->setText(Wording::visitor(conversation_->visitorName(), conversation_->id()));
    QStringList about;
    if (!conversation_->department().isEmpty()) about << conversation_->department();
    about << Wording::presence(conversation_->presence());
    subtitle_->setText(about.join(QStringLiteral("  ·  ")));

    const auto phase = conversation_->phase();
    close_->setVisible(phase == Conversation::Phase::held);
    dismiss_->setVisible(phase == Conversation::Phase::released ||
                         phase == Conversation::Phase::closed);
    handover_->refresh(phase, client_.isSupervisor());
    composer_->setBlocked(Wording::composerBlocked(*conversation_));

    // Silence must not stand for "all well".
    const Error* problem = conversation_->problem();
    gap_->setVisible(problem != nullptr);
    gap_->setText(
        problem ? tr("Messages may be missing: %1. Trying again …").arg(Wording::error(*problem))
                : QString());
}

void ChatPane::refreshTyping() {
    if (!conversation_) return;
    const bool typing = conversation_->isVisitorTyping();
    const QString name = Wording::visitor(conversation_->visitorName(), conversation_->id());
    const QString preview = conversation_->typingPreview();
    typing_->setVisible(typing);
    if (!typing) return;
    typing_->setText(preview.isEmpty() ? tr("%1 is typing …").arg(name)
                                       : tr("%1 is typing: %2").arg(name, preview));
}

void ChatPane::send(const QString& text, Audience audience) {
    if (!conversation_) return;
    const auto sent = client_.send(conversation_->id(), text, audience);
    if (sent) return;
    composer_->setText(text);
    Q_EMIT problem(tr("Not sent: %1.").arg(Wording::error(sent.error())));
}

void ChatPane::askForTransfer() {
    if (!conversation_) return;
    std::vector<DepartmentId> departments;
    for (const auto& [id, state] : client_.departments()) departments.push_back(id);
    auto* dialog = new TransferDialog(departments, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    // The conversation that was asked for, whichever is shown by then.
    connect(dialog, &QDialog::accepted, this, [this, dialog, id = conversation_->id()] {
        const auto to = dialog->destination();
        if (!to) return;
        const auto sent = client_.transfer(id, *to, dialog->note());
        if (!sent) Q_EMIT problem(tr("Not transferred: %1.").arg(Wording::error(sent.error())));
    });
    dialog->open();
}

void ChatPane::dismiss() {
    if (!conversation_) return;
    const ConversationId id = conversation_->id();
    begun_.erase(id);
    if (!client_.dismiss(id)) {
        Q_EMIT problem(tr("Something of this conversation is still being sent."));
    }
}

}  // namespace parlor::agent
