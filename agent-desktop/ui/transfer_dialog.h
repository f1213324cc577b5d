#pragma once

#include <QComboBox>
#include <QDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QTextEdit>
#include <optional>

#include "agent-desktop/core/agent_client.h"

namespace parlor::agent {

// Asks whom a conversation is to be handed to, and what they should know.
class TransferDialog : public QDialog {
    Q_OBJECT

 public:
    // `departments` are offered for choice.
    explicit TransferDialog(const std::vector<DepartmentId>& departments,
                            QWidget* parent = nullptr);

    // Empty where what was typed is no agent's account.
    std::optional<Destination> destination() const;
    QString note() const { return note_->toPlainText(); }

 private:
    void refresh();

    QComboBox* const to_;  // the first is an agent, then the departments
    QLineEdit* const agent_;
    QTextEdit* const note_;
    QPushButton* const transfer_;
};

}  // namespace parlor::agent
