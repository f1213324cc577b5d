#include "agent-desktop/ui/timeline_view.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <QTimer>
#include <algorithm>

namespace parlor::agent {
namespace {

using Action = BubbleLayout::Action;

constexpr int kNearEnd = 24;  // pixels that still count as the end

}  // namespace

TimelineView::TimelineView(QWidget* parent)
    : QListView(parent), delegate_(new TimelineDelegate(this)) {
    setObjectName("timeline");
    setItemDelegate(delegate_);
    setAccessibleName(tr("Conversation"));
    setSelectionMode(ExtendedSelection);
    setEditTriggers(NoEditTriggers);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    // Always there: a bar that comes and goes would change the width that decides whether it comes.
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    setResizeMode(Adjust);
    setMouseTracking(true);
    setFrameShape(NoFrame);
    verticalScrollBar()->setSingleStep(24);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this] { atEnd_ = isAtEnd(); });
    // New lines are laid out together, whenever the view gets to it; then the end has moved.
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, [this] {
        if (atEnd_) verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    });
}

void TimelineView::showTimeline(TimelineModel* timeline) {
    disconnect(onChanged_);
    delegate_->forget();
    delegate_->setWidth(viewport()->width());
    setModel(timeline);
    if (!timeline) return;
    // A line that changes may change its height.
    onChanged_ = connect(timeline, &QAbstractItemModel::dataChanged, this,
                         [this] { scheduleDelayedItemsLayout(); });
    atEnd_ = true;
    followEnd();
}

void TimelineView::followEnd() {
    if (!atEnd_) return;
    // Laid out first, so that the end is where the last line is.
    executeDelayedItemsLayout();
    scrollToBottom();
    atEnd_ = true;
}

bool TimelineView::isAtEnd() const {
    return verticalScrollBar()->value() >= verticalScrollBar()->maximum() - kNearEnd;
}

void TimelineView::resizeEvent(QResizeEvent* event) {
    const bool stay = atEnd_;
    delegate_->setWidth(viewport()->width());
    QListView::resizeEvent(event);
    // By itself it would lay the lines out anew for another height only.
    if (event->size().width() != event->oldSize().width()) scheduleDelayedItemsLayout();
    atEnd_ = stay;
    followEnd();
}

void TimelineView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange) delegate_->forget();
    QListView::changeEvent(event);
}

BubbleLayout::Hit TimelineView::hitAt(const QPoint& at) const {
    const QModelIndex index = indexAt(at);
    if (!index.isValid()) return {};
    const QRect line = visualRect(index);
    return delegate_->hit(index, at - line.topLeft(), line.width(), font());
}

void TimelineView::mouseMoveEvent(QMouseEvent* event) {
    const bool clickable = hitAt(event->position().toPoint()).action != Action::none;
    viewport()->setCursor(clickable ? Qt::PointingHandCursor : Qt::ArrowCursor);
    QListView::mouseMoveEvent(event);
}

void TimelineView::mouseReleaseEvent(QMouseEvent* event) {
    QListView::mouseReleaseEvent(event);
    if (event->button() != Qt::LeftButton) return;
    const QPoint at = event->position().toPoint();
    const BubbleLayout::Hit hit = hitAt(at);
    const QString requestId = indexAt(at).data(TimelineModel::RequestIdRole).toString();
    switch (hit.action) {
        case Action::none:
            break;
        case Action::openLink:
            Q_EMIT linkActivated(hit.url);
            break;
        case Action::retry:
            Q_EMIT retryRequested(requestId);
            break;
        case Action::discard:
            Q_EMIT discardRequested(requestId);
            break;
    }
}

void TimelineView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) {
        copySelected();
        return;
    }
    QListView::keyPressEvent(event);
}

void TimelineView::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (!index.isValid()) return;
    QMenu menu(this);
    menu.addAction(tr("Copy text"), this, [this, index] {
        if (selectionModel()->isSelected(index)) {
            copySelected();
        } else {
            QApplication::clipboard()->setText(index.data(TimelineModel::TextRole).toString());
        }
    });
    const BubbleLayout::Hit hit = hitAt(event->pos());
    if (hit.action == Action::openLink) {
        menu.addAction(tr("Copy link"), this,
                       [hit] { QApplication::clipboard()->setText(hit.url.toString()); });
    }
    menu.exec(event->globalPos());
}

void TimelineView::copySelected() const {
    QModelIndexList rows = selectionModel()->selectedIndexes();
    std::sort(rows.begin(), rows.end());
    QStringList texts;
    for (const auto& row : rows) texts << row.data(TimelineModel::TextRole).toString();
    if (!texts.isEmpty()) QApplication::clipboard()->setText(texts.join('\n'));
}

}  // namespace parlor::agent
