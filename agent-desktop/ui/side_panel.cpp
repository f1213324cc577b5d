#include "agent-desktop/ui/side_panel.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QVBoxLayout>
#include <algorithm>

#include "agent-desktop/ui/conversation_delegate.h"
#include "agent-desktop/ui/queue_delegate.h"
#include "agent-desktop/ui/wording.h"

namespace parlor::agent {
namespace {

constexpr std::chrono::seconds kClockTick{5};
constexpr int kQueueRowsShown = 4;  // more of them scroll

QListView* makeList(QAbstractItemModel& model, const QString& name, QWidget* parent) {
    auto* list = new QListView(parent);
    list->setModel(&model);
    list->setAccessibleName(name);
    list->setSelectionMode(QAbstractItemView::SingleSelection);
    list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list->setUniformItemSizes(true);
    list->setMouseTracking(true);
    list->setFrameShape(QFrame::NoFrame);
    return list;
}

QLabel* makeLabel(const char* role, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setProperty("role", role);
    label->setContentsMargins(14, 10, 14, 4);
    label->setWordWrap(true);
    return label;
}

QVBoxLayout* makeColumn(QWidget* parent) {
    auto* column = new QVBoxLayout(parent);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    return column;
}

}  // namespace

SidePanel::SidePanel(AgentClient& client, QWidget* parent) : QWidget(parent), client_(client) {
    setObjectName("sidePanel");
    setAttribute(Qt::WA_StyledBackground);
    auto* column = makeColumn(this);
    column->addWidget(makeQueue());
    column->addWidget(makeConversations(), 1);

    for (const QAbstractItemModel* model :
         {static_cast<QAbstractItemModel*>(&client_.queue()),
          static_cast<QAbstractItemModel*>(&client_.conversations())}) {
        connect(model, &QAbstractItemModel::rowsInserted, this, &SidePanel::updateHeadings);
        connect(model, &QAbstractItemModel::rowsRemoved, this, &SidePanel::updateHeadings);
    }
    connect(&client_, &AgentClient::departmentsChanged, this, &SidePanel::updateHeadings);
    // Without a connection nobody can be accepted, and who waits is not known for certain.
    const auto followConnection = [this] {
        const bool online = client_.connection() == AgentClient::Connection::online;
        queue_->setEnabled(online);
        priority_->setEnabled(online);
    };
    connect(&client_, &AgentClient::connectionChanged, this, followConnection);
    followConnection();
    connect(&clock_, &QTimer::timeout, queue_->viewport(), qOverload<>(&QWidget::update));
    clock_.start(kClockTick);
    updateHeadings();
}

QWidget* SidePanel::makeQueue() {
    auto* part = new QWidget(this);
    part->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto* column = makeColumn(part);
    queueHeading_ = makeLabel("section", part);
    queueEmpty_ = makeLabel("muted", part);
    queueEmpty_->setText(tr("Nobody is waiting."));
    queue_ = makeList(client_.queue(), tr("Queue"), part);
    queue_->setObjectName("queue");
    auto* delegate = new QueueDelegate(client_.identity().agent, queue_);
    queue_->setItemDelegate(delegate);
    auto* heading = new QHBoxLayout;
    heading->setContentsMargins(0, 0, 8, 0);
    heading->addWidget(queueHeading_, 1);
    heading->addWidget(makePriorityButton(part));
    column->addLayout(heading);
    column->addWidget(queueEmpty_);
    column->addWidget(queue_);
    connect(delegate, &QueueDelegate::acceptClicked, this, &SidePanel::acceptAt);
    connect(delegate, &QueueDelegate::declineClicked, this, &SidePanel::declineAt);
    connect(queue_, &QListView::activated, this, &SidePanel::acceptAt);
    connect(&client_, &AgentClient::roleChanged, this, &SidePanel::updatePriority);
    connect(&client_.queue(), &QAbstractItemModel::dataChanged, this, &SidePanel::updatePriority);
    connect(queue_->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &SidePanel::updatePriority);
    return part;
}

// The queue's own menu has the same actions.
QToolButton* SidePanel::makePriorityButton(QWidget* parent) {
    priority_ = new QToolButton(parent);
    priority_->setObjectName("priorityButton");
    priority_->setText(tr("Priority"));
    priority_->setToolTip(tr("Of the one who is marked in the queue"));
    priority_->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(priority_);
    const auto add = [&](const QString& text, const QString& name, const QKeySequence& keys,
                         int by) {
        auto* action = menu->addAction(text);
        action->setObjectName(name);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetShortcut);
        connect(action, &QAction::triggered, this, [this, by] { changePriority(by); });
        queue_->addAction(action);
        return action;
    };
    raise_ = add(tr("Raise the priority"), "raiseAction", Qt::Key_Plus, 1);
    lower_ = add(tr("Lower the priority"), "lowerAction", Qt::Key_Minus, -1);
    priority_->setMenu(menu);
    return priority_;
}

void SidePanel::updatePriority() {
    const bool may = client_.isSupervisor();
    const QModelIndex entry = queue_->currentIndex();
    const int now = entry.data(QueueModel::PriorityRole).toInt();
    raise_->setEnabled(may && entry.isValid() && now < static_cast<int>(kMaxPriority));
    lower_->setEnabled(may && entry.isValid() && now > 0);
    queue_->setContextMenuPolicy(may ? Qt::ActionsContextMenu : Qt::NoContextMenu);
    priority_->setVisible(may && client_.queue().rowCount() > 0);
}

void SidePanel::changePriority(int by) {
    const QModelIndex entry = queue_->currentIndex();
    const auto id =
        ConversationId::parse(entry.data(QueueModel::ConversationRole).toString().toStdString());
    const int wanted = entry.data(QueueModel::PriorityRole).toInt() + by;
    if (id) Q_EMIT priorityRequested(*id, static_cast<std::uint32_t>(wanted));
}

QWidget* SidePanel::makeConversations() {
    auto* part = new QWidget(this);
    auto* column = makeColumn(part);
    conversationsHeading_ = makeLabel("section", part);
    conversationsEmpty_ = makeLabel("muted", part);
    conversationsEmpty_->setText(tr("None yet. Accept somebody from the queue."));
    conversations_ = makeList(client_.conversations(), tr("My conversations"), part);
    conversations_->setObjectName("conversations");
    conversations_->setItemDelegate(new ConversationDelegate(conversations_));
    auto* earlier = new QToolButton(part);
    earlier->setObjectName("earlierButton");
    earlier->setText(tr("Earlier …"));
    earlier->setToolTip(tr("All conversations in which you took part"));
    connect(earlier, &QToolButton::clicked, this, &SidePanel::earlierRequested);
    auto* heading = new QHBoxLayout;
    heading->setContentsMargins(0, 0, 8, 0);
    heading->addWidget(conversationsHeading_, 1);
    heading->addWidget(earlier);
    column->addLayout(heading);
    column->addWidget(conversationsEmpty_);
    column->addWidget(conversations_, 1);
    column->addStretch(0);  // keeps what is above at the top while the list is hidden
    connect(
        conversations_->selectionModel(), &QItemSelectionModel::currentChanged, this,
        [this](const QModelIndex& now) { Q_EMIT selected(client_.conversations().at(now.row())); });
    return part;
}

void SidePanel::select(const ConversationId& conversation) {
    auto& model = client_.conversations();
    for (int row = 0; row < model.rowCount(); ++row) {
        if (model.at(row)->id() == conversation) conversations_->setCurrentIndex(model.index(row));
    }
}

void SidePanel::selectNext(int step) {
    const int count = client_.conversations().rowCount();
    if (count == 0) return;
    const int now = conversations_->currentIndex().row();
    const int next = now < 0 ? 0 : (now + step + count) % count;
    conversations_->setCurrentIndex(client_.conversations().index(next));
}

void SidePanel::acceptLongestWaiting() { acceptAt(client_.queue().index(0)); }

void SidePanel::acceptAt(const QModelIndex& index) {
    const auto id =
        ConversationId::parse(index.data(QueueModel::ConversationRole).toString().toStdString());
    if (id && !index.data(QueueModel::AcceptingRole).toBool()) Q_EMIT acceptRequested(*id);
}

void SidePanel::declineAt(const QModelIndex& index) {
    const auto id =
        ConversationId::parse(index.data(QueueModel::ConversationRole).toString().toStdString());
    if (id) Q_EMIT declineRequested(*id);
}

void SidePanel::updateHeadings() {
    const int waiting = client_.queue().rowCount();
    const int open = client_.conversations().rowCount();
    queueHeading_->setText(waiting == 0 ? tr("Queue") : tr("Queue  (%1)").arg(waiting));
    conversationsHeading_->setText(tr("My conversations"));
    queueEmpty_->setVisible(waiting == 0);
    queue_->setVisible(waiting > 0);
    conversationsEmpty_->setVisible(open == 0);
    conversations_->setVisible(open > 0);

    QStringList departments;
    for (const auto& [id, state] : client_.departments()) {
        departments << tr("%1: agents online: %2, expected wait: %3")
                           .arg(QString::fromStdString(id.str()))
                           .arg(state.agents_online())
                           .arg(Wording::waited(0, 1000LL * state.expected_wait_s()));
    }
    queueHeading_->setToolTip(departments.join('\n'));
    updatePriority();
    fitQueue();
}

void SidePanel::fitQueue() {
    const int rows = std::min(client_.queue().rowCount(), kQueueRowsShown);
    queue_->setFixedHeight(rows * std::max(1, queue_->sizeHintForRow(0)) + 4);
}

}  // namespace parlor::agent
