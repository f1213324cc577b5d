#pragma once

#include <QComboBox>
#include <QLabel>
#include <QToolButton>
#include <QWidget>

#include "agent-desktop/core/agent_client.h"

namespace parlor::agent {

// Who is signed in, what the others see of that, and how the connection is.
class TopBar : public QWidget {
    Q_OBJECT

 public:
    // `client` must outlive it.
    explicit TopBar(AgentClient& client, QWidget* parent = nullptr);

    void setDetailsShown(bool shown);

 Q_SIGNALS:
    void detailsToggled(bool shown);
    void signOutRequested();

 private:
    void makeMenu();
    void refreshConnection();

    AgentClient& client_;
    QLabel* const name_;
    QComboBox* const status_;
    QLabel* const connection_;
    QToolButton* const details_;
    QToolButton* const menu_;
};

}  // namespace parlor::agent
