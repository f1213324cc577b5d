#include "agent-desktop/ui/top_bar.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>

#include "agent-desktop/ui/theme.h"
#include "agent-desktop/ui/wording.h"

namespace parlor::agent {
namespace {

QIcon dot(const QColor& color) {
    QPixmap pixmap(24, 24);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(4, 4, 16, 16);
    return QIcon(pixmap);
}

}  // namespace

TopBar::TopBar(AgentClient& client, QWidget* parent)
    : QWidget(parent),
      client_(client),
      name_(new QLabel(this)),
      status_(new QComboBox(this)),
      connection_(new QLabel(this)),
      details_(new QToolButton(this)),
      menu_(new QToolButton(this)) {
    setObjectName("topBar");
    setAttribute(Qt::WA_StyledBackground);
    name_->setTextFormat(Qt::PlainText);
    name_->setText(QString::fromStdString(client.identity().name));
    name_->setProperty("role", "title");
    const Theme theme = Theme::of(palette());
    status_->setObjectName("status");
    status_->setAccessibleName(tr("Status"));
    status_->addItem(dot(theme.good), tr("Online"),
                     static_cast<int>(v1::AgentStatus::STATE_ONLINE));
    status_->addItem(dot(theme.warning), tr("Away"), static_cast<int>(v1::AgentStatus::STATE_AWAY));
    status_->addItem(dot(theme.danger), tr("Busy"), static_cast<int>(v1::AgentStatus::STATE_BUSY));
    connection_->setObjectName("connection");
    details_->setText(tr("Details"));
    details_->setCheckable(true);
    details_->setChecked(true);
    details_->setToolTip(tr("Show what is known of the visitor (Ctrl+I)"));
    makeMenu();

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 8, 12, 8);
    row->setSpacing(2 * Theme::kSpace);
    row->addWidget(name_);
    row->addWidget(status_);
    row->addWidget(connection_, 1);
    row->addWidget(details_);
    row->addWidget(menu_);

    connect(status_, &QComboBox::activated, this, [this] {
        client_.setStatus(static_cast<v1::AgentStatus::State>(status_->currentData().toInt()));
    });
    connect(details_, &QToolButton::clicked, this, &TopBar::detailsToggled);
    connect(&client_, &AgentClient::connectionChanged, this, &TopBar::refreshConnection);
    refreshConnection();
}

void TopBar::makeMenu() {
    auto* menu = new QMenu(this);
    menu->addAction(tr("Sign out"), this, &TopBar::signOutRequested);
    menu_->setText(QStringLiteral("⋯"));
    menu_->setAccessibleName(tr("Menu"));
    menu_->setMenu(menu);
    menu_->setPopupMode(QToolButton::InstantPopup);
}

void TopBar::setDetailsShown(bool shown) { details_->setChecked(shown); }

void TopBar::refreshConnection() {
    const bool online = client_.connection() == AgentClient::Connection::online;
    const Theme theme = Theme::of(palette());
    const QColor color = online ? theme.good : theme.danger;
    connection_->setText(QStringLiteral("<span style='color:%1'>●</span> %2")
                             .arg(color.name(), Wording::connection(client_.connection())));
}

}  // namespace parlor::agent
