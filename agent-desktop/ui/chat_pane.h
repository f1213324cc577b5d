#pragma once

#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QStackedWidget>
#include <QUrl>
#include <map>

#include "agent-desktop/core/agent_client.h"
#include "agent-desktop/ui/composer.h"
#include "agent-desktop/ui/confirm_button.h"
#include "agent-desktop/ui/elided_label.h"
#include "agent-desktop/ui/handover_menu.h"
#include "agent-desktop/ui/timeline_view.h"

namespace parlor::agent {

// The middle column: one conversation, read and answered. Keeps what was begun in each.
class ChatPane : public QStackedWidget {
    Q_OBJECT

 public:
    // `client` must outlive it.
    explicit ChatPane(AgentClient& client, QWidget* parent = nullptr);

    void showConversation(Conversation* conversation);  // nullptr: none
    Conversation* conversation() const { return conversation_; }
    void focusComposer() { composer_->focusText(); }

 Q_SIGNALS:
    void linkActivated(const QUrl& url);
    void problem(const QString& text);  // for the person, in plain words

 private:
    QWidget* makeChat();
    QWidget* makeHeader();
    void connectParts();
    void refresh();
    void refreshTyping();
    void send(const QString& text, Audience audience);
    void dismiss();
    void askForTransfer();

    AgentClient& client_;
    QPointer<Conversation> conversation_;
    std::map<ConversationId, QString> begun_;  // texts not sent yet
    QWidget* chat_ = nullptr;
    ElidedLabel* title_ = nullptr;
    ElidedLabel* subtitle_ = nullptr;
    HandoverMenu* handover_ = nullptr;
    ConfirmButton* close_ = nullptr;
    QPushButton* dismiss_ = nullptr;
    QLabel* gap_ = nullptr;
    TimelineView* timeline_ = nullptr;
    ElidedLabel* typing_ = nullptr;
    Composer* composer_ = nullptr;
};

}  // namespace parlor::agent
