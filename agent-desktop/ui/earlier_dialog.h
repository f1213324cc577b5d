#pragma once

#include <QDialog>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>

#include "agent-desktop/core/agent_client.h"

namespace parlor::agent {

// The conversations in which this agent took part, the newest first, a page at a time.
class EarlierDialog : public QDialog {
    Q_OBJECT

 public:
    // Asks for the first page. `client` must outlive it.
    explicit EarlierDialog(AgentClient& client, QWidget* parent = nullptr);

 Q_SIGNALS:
    void chosen(const parlor::ConversationId& conversation);

 private:
    void ask();
    void take(const v1::ConversationsResponse& page);
    void choose(const QListWidgetItem& item);

    AgentClient& client_;
    QListWidget* const list_;
    QLabel* const state_;
    QPushButton* const more_;  // the next page, or again what failed
    std::string next_;
};

}  // namespace parlor::agent
