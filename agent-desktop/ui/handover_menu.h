#pragma once

#include <QAction>
#include <QMenu>
#include <QToolButton>

#include "agent-desktop/core/conversation.h"

namespace parlor::agent {

// The button with what changes who has a conversation, as far as its phase and the agent's
// role allow.
class HandoverMenu : public QToolButton {
    Q_OBJECT

 public:
    explicit HandoverMenu(QWidget* parent = nullptr);

    // Hidden where nothing can be done.
    void refresh(Conversation::Phase phase, bool isSupervisor);

 Q_SIGNALS:
    void transferRequested();
    void leaveRequested();
    void joinRequested();
    void takeOverRequested();

 private:
    QAction* add(const QString& text, const QString& name, void (HandoverMenu::*signal)());

    QMenu* const menu_;
    QAction* transfer_ = nullptr;
    QAction* giveBack_ = nullptr;
    QAction* leave_ = nullptr;
    QAction* join_ = nullptr;
    QAction* takeOver_ = nullptr;
};

}  // namespace parlor::agent
