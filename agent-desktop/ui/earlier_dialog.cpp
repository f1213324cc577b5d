#include "agent-desktop/ui/earlier_dialog.h"

#include <QDateTime>
#include <QVBoxLayout>

#include "agent-desktop/ui/wording.h"

namespace parlor::agent {

EarlierDialog::EarlierDialog(AgentClient& client, QWidget* parent)
    : QDialog(parent),
      client_(client),
      list_(new QListWidget(this)),
      state_(new QLabel(this)),
      more_(new QPushButton(tr("More"), this)) {
    setObjectName("earlierDialog");
    setWindowTitle(tr("My earlier conversations"));
    list_->setObjectName("earlierList");
    list_->setSpacing(4);
    list_->setAccessibleName(windowTitle());
    list_->setWordWrap(true);
    state_->setObjectName("earlierState");
    state_->setProperty("role", "muted");
    state_->setWordWrap(true);
    more_->setObjectName("earlierMore");
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 20);
    column->setSpacing(10);
    column->addWidget(list_, 1);
    column->addWidget(state_);
    column->addWidget(more_);
    resize(460, 520);
    connect(more_, &QPushButton::clicked, this, &EarlierDialog::ask);
    connect(list_, &QListWidget::itemActivated, this,
            [this](const QListWidgetItem* item) { choose(*item); });
    ask();
}

void EarlierDialog::ask() {
    more_->setEnabled(false);
    state_->setText(tr("Asking …"));
    client_.listEarlier(next_, this, [this](const Expected<v1::ConversationsResponse>& page) {
        more_->setEnabled(true);
        if (page) {
            take(*page);
        } else {
            more_->setText(tr("Try again"));
            state_->setText(tr("Not listed: %1.").arg(Wording::error(page.error())));
        }
    });
}

void EarlierDialog::take(const v1::ConversationsResponse& page) {
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    for (const auto& each : page.conversations()) {
        const auto id = ConversationId::parse(each.conversation());
        if (!id) continue;
        const QString name = Wording::visitor(QString::fromStdString(each.visitor_name()), *id);
        const QString when = Wording::briefly(each.opened_at_ms(), now);
        const QString preview = QString::fromStdString(each.preview()).simplified();
        auto* item = new QListWidgetItem(tr("%1  ·  %2\n%3").arg(name, when, preview), list_);
        item->setData(Qt::UserRole, QString::fromStdString(id->str()));
    }
    next_ = page.next();
    more_->setText(tr("More"));
    more_->setVisible(!next_.empty());
    state_->setText(list_->count() == 0 ? tr("None yet.") : QString());
    state_->setVisible(!state_->text().isEmpty());
}

void EarlierDialog::choose(const QListWidgetItem& item) {
    const auto id = ConversationId::parse(item.data(Qt::UserRole).toString().toStdString());
    if (!id) return;
    Q_EMIT chosen(*id);
    accept();
}

}  // namespace parlor::agent
