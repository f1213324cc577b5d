#pragma once

#include <QMainWindow>
#include <QSplitter>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "agent-desktop/core/agent_client.h"
#include "agent-desktop/ui/chat_pane.h"
#include "agent-desktop/ui/notice_bar.h"
#include "agent-desktop/ui/side_panel.h"
#include "agent-desktop/ui/top_bar.h"
#include "agent-desktop/ui/visitor_pane.h"

namespace parlor::agent {

// The agent's window: puts the parts together and lets them hear of each other, no more.
class MainWindow : public QMainWindow {
    Q_OBJECT

 public:
    // `client` must outlive it.
    explicit MainWindow(AgentClient& client, QWidget* parent = nullptr);

 Q_SIGNALS:
    void signOutRequested();
    void linkActivated(const QUrl& url);

 protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

 private:
    void arrange();
    void connectClient();
    void connectParts();
    void addShortcuts();
    void showConversation(Conversation* conversation);
    void askForEarlier();
    void setDetailsShown(bool shown);
    void fitColumns();
    void markRead();
    void updateTitle();

    AgentClient& client_;
    TopBar* const top_;
    NoticeBar* const notice_;
    SidePanel* const side_;
    ChatPane* const chat_;
    VisitorPane* const visitor_;
    QSplitter* const columns_;
    int unread_ = 0;                    // as the title tells
    std::set<ConversationId> asked_;    // accepted here; to be opened when they come
    std::optional<bool> wantsDetails_;  // the person's choice; none: as the width allows
    std::optional<std::pair<bool, bool>> columnsFor_;  // details, narrow: as laid out last
};

}  // namespace parlor::agent
