#include "agent-desktop/ui/main_window.h"

#include <QApplication>
#include <QEvent>
#include <QShortcut>
#include <QVBoxLayout>

#include "agent-desktop/ui/earlier_dialog.h"
#include "agent-desktop/ui/wording.h"

namespace parlor::agent {
namespace {

constexpr int kSideWidth = 272;
constexpr int kNarrowSideWidth = 240;
constexpr int kDetailsWidth = 248;
constexpr int kRoomForDetails = 880;  // a narrower window hides them unless asked
constexpr int kNarrow = 760;

}  // namespace

MainWindow::MainWindow(AgentClient& client, QWidget* parent)
    : QMainWindow(parent),
      client_(client),
      top_(new TopBar(client, this)),
      notice_(new NoticeBar(this)),
      side_(new SidePanel(client, this)),
      chat_(new ChatPane(client, this)),
      visitor_(new VisitorPane(this)),
      columns_(new QSplitter(this)) {
    arrange();
    connectClient();
    connectParts();
    addShortcuts();
    resize(1100, 720);
    updateTitle();
}

void MainWindow::arrange() {
    side_->setMinimumWidth(180);
    chat_->setMinimumWidth(300);
    visitor_->setMinimumWidth(180);
    columns_->addWidget(side_);
    columns_->addWidget(chat_);
    columns_->addWidget(visitor_);
    columns_->setHandleWidth(1);
    columns_->setChildrenCollapsible(false);
    columns_->setStretchFactor(1, 1);
    auto* middle = new QWidget(this);
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(top_);
    column->addWidget(notice_);
    column->addWidget(columns_, 1);
    setCentralWidget(middle);
    setMinimumSize(560, 400);
}

void MainWindow::connectClient() {
    connect(&client_, &AgentClient::assigned, this, [this](const ConversationId& id) {
        // Opened for the person who asked for it, not under the hand of one who is writing.
        if (asked_.erase(id) > 0 || !chat_->conversation()) side_->select(id);
    });
    connect(&client_, &AgentClient::acceptFailed, this,
            [this](const ConversationId& id, const Error& error) {
                asked_.erase(id);
                notice_->tell(Wording::acceptError(error));
            });
    connect(&client_, &AgentClient::commandFailed, this,
            [this](const OutboxItem& item) { notice_->tell(Wording::commandError(item)); });
    connect(&client_, &AgentClient::trouble, this,
            [this](const Error& error) { notice_->tell(QString::fromStdString(error.text)); });
    auto& conversations = client_.conversations();
    const auto changed = [this] {
        markRead();
        updateTitle();
    };
    connect(&conversations, &QAbstractItemModel::dataChanged, this, changed);
    connect(&conversations, &QAbstractItemModel::rowsRemoved, this, changed);
    connect(&conversations, &QAbstractItemModel::rowsInserted, this, changed);
    connect(&client_.queue(), &QueueModel::entryAdded, this, [this] {
        if (!isActiveWindow()) QApplication::alert(this);
    });
}

void MainWindow::connectParts() {
    connect(side_, &SidePanel::acceptRequested, this, [this](const ConversationId& id) {
        asked_.insert(id);
        client_.accept(id);
    });
    connect(side_, &SidePanel::declineRequested, this,
            [this](const ConversationId& id) { client_.decline(id); });
    connect(side_, &SidePanel::priorityRequested, this,
            [this](const ConversationId& id, std::uint32_t priority) {
                client_.prioritize(id, priority);
            });
    connect(side_, &SidePanel::earlierRequested, this, &MainWindow::askForEarlier);
    connect(side_, &SidePanel::selected, this, &MainWindow::showConversation);
    connect(chat_, &ChatPane::problem, notice_, &NoticeBar::tell);
    connect(chat_, &ChatPane::linkActivated, this, &MainWindow::linkActivated);
    connect(visitor_, &VisitorPane::linkActivated, this, &MainWindow::linkActivated);
    connect(top_, &TopBar::signOutRequested, this, &MainWindow::signOutRequested);
    connect(top_, &TopBar::detailsToggled, this, &MainWindow::setDetailsShown);
}

void MainWindow::addShortcuts() {
    const auto add = [this](const QKeySequence& keys, auto&& action) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, action);
    };
    add(Qt::CTRL | Qt::Key_Tab, [this] { side_->selectNext(1); });
    add(Qt::CTRL | Qt::SHIFT | Qt::Key_Tab, [this] { side_->selectNext(-1); });
    add(Qt::CTRL | Qt::SHIFT | Qt::Key_A, [this] { side_->acceptLongestWaiting(); });
    add(Qt::CTRL | Qt::Key_L, [this] { chat_->focusComposer(); });
    add(Qt::CTRL | Qt::Key_I, [this] { setDetailsShown(visitor_->isHidden()); });
}

void MainWindow::showConversation(Conversation* conversation) {
    chat_->showConversation(conversation);
    visitor_->showConversation(conversation);
    fitColumns();
    if (!conversation) return;
    chat_->focusComposer();
    markRead();
}

void MainWindow::askForEarlier() {
    auto* dialog = new EarlierDialog(client_, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &EarlierDialog::chosen, this, [this](const ConversationId& id) {
        client_.show(id);
        side_->select(id);
    });
    dialog->open();
}

void MainWindow::setDetailsShown(bool shown) {
    wantsDetails_ = shown;
    fitColumns();
}

void MainWindow::fitColumns() {
    const bool room = width() >= kRoomForDetails;
    const bool details = chat_->conversation() && wantsDetails_.value_or(room);
    const bool narrow = width() < kNarrow;
    top_->setDetailsShown(wantsDetails_.value_or(room));
    // Between these steps the widths are the person's.
    if (columnsFor_ == std::make_pair(details, narrow)) return;
    columnsFor_ = {details, narrow};
    const int side = narrow ? kNarrowSideWidth : kSideWidth;
    visitor_->setVisible(details);
    columns_->setSizes({side, width() - side - (details ? kDetailsWidth : 0), kDetailsWidth});
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    fitColumns();
}

void MainWindow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::ActivationChange) markRead();
    QMainWindow::changeEvent(event);
}

void MainWindow::markRead() {
    if (isActiveWindow() && chat_->conversation()) chat_->conversation()->markRead();
}

void MainWindow::updateTitle() {
    const int unread = client_.conversations().totalUnread();
    if (unread > unread_ && !isActiveWindow()) QApplication::alert(this);
    unread_ = unread;
    const QString name = QString::fromStdString(client_.identity().name);
    setWindowTitle(unread > 0 ? tr("(%1) %2 – Parlor").arg(unread).arg(name)
                              : tr("%1 – Parlor").arg(name));
}

}  // namespace parlor::agent
