#include "agent-desktop/ui/transfer_dialog.h"

#include <QLabel>
#include <QVBoxLayout>

namespace parlor::agent {

TransferDialog::TransferDialog(const std::vector<DepartmentId>& departments, QWidget* parent)
    : QDialog(parent),
      to_(new QComboBox(this)),
      agent_(new QLineEdit(this)),
      note_(new QTextEdit(this)),
      transfer_(new QPushButton(tr("Transfer"), this)) {
    setObjectName("transferDialog");
    setWindowTitle(tr("Transfer the conversation"));
    to_->setObjectName("transferTo");
    to_->setAccessibleName(tr("To"));
    to_->addItem(tr("To an agent"));
    for (const auto& department : departments) {
        const QString id = QString::fromStdString(department.str());
        to_->addItem(tr("To the department %1").arg(id), id);
    }
    agent_->setObjectName("transferAgent");
    agent_->setPlaceholderText(tr("The agent's account"));
    note_->setObjectName("transferNote");
    note_->setAcceptRichText(false);
    note_->setTabChangesFocus(true);
    note_->setPlaceholderText(tr("A note for whoever gets it; the visitor does not see it"));
    note_->setFixedHeight(90);
    transfer_->setObjectName("transferButton");
    transfer_->setProperty("role", "primary");
    transfer_->setDefault(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 20);
    column->setSpacing(10);
    for (QWidget* each : std::initializer_list<QWidget*>{to_, agent_, note_, transfer_}) {
        column->addWidget(each);
    }
    setMinimumWidth(340);
    connect(to_, &QComboBox::currentIndexChanged, this, &TransferDialog::refresh);
    connect(agent_, &QLineEdit::textChanged, this, &TransferDialog::refresh);
    connect(transfer_, &QPushButton::clicked, this, &QDialog::accept);
    refresh();
}

std::optional<Destination> TransferDialog::destination() const {
    const QString department = to_->currentData().toString();
    if (!department.isEmpty()) return *DepartmentId::parse(department.toStdString());
    const auto agent = AgentId::parse(agent_->text().trimmed().toStdString());
    return agent ? std::optional<Destination>(*agent) : std::nullopt;
}

void TransferDialog::refresh() {
    agent_->setVisible(to_->currentIndex() == 0);
    transfer_->setEnabled(destination().has_value());
}

}  // namespace parlor::agent
