#pragma once

#include <QAction>
#include <QLabel>
#include <QListView>
#include <QTimer>
#include <QToolButton>
#include <QWidget>

#include "agent-desktop/core/agent_client.h"

namespace parlor::agent {

// The left column: who waits, and this agent's conversations.
class SidePanel : public QWidget {
    Q_OBJECT

 public:
    // `client` must outlive it.
    explicit SidePanel(AgentClient& client, QWidget* parent = nullptr);

    void select(const ConversationId& conversation);
    void selectNext(int step);  // +1 or -1, around the end
    void acceptLongestWaiting();

 Q_SIGNALS:
    void acceptRequested(const parlor::ConversationId& conversation);
    void declineRequested(const parlor::ConversationId& conversation);
    void earlierRequested();
    void priorityRequested(const parlor::ConversationId& conversation, std::uint32_t priority);
    void selected(parlor::agent::Conversation* conversation);  // nullptr: none

 private:
    QWidget* makeQueue();
    QWidget* makeConversations();
    QToolButton* makePriorityButton(QWidget* parent);
    void updatePriority();        // what of it can be done
    void changePriority(int by);  // of the queue's current entry
    void acceptAt(const QModelIndex& index);
    void declineAt(const QModelIndex& index);
    void updateHeadings();
    void fitQueue();

    AgentClient& client_;
    QLabel* queueHeading_ = nullptr;
    QLabel* queueEmpty_ = nullptr;
    QListView* queue_ = nullptr;
    QToolButton* priority_ = nullptr;  // for supervisors
    QAction* raise_ = nullptr;
    QAction* lower_ = nullptr;
    QLabel* conversationsHeading_ = nullptr;
    QLabel* conversationsEmpty_ = nullptr;
    QListView* conversations_ = nullptr;
    QTimer clock_;  // waiting times grow by themselves
};

}  // namespace parlor::agent
