#include "agent-desktop/ui/timeline_delegate.h"

#include <QDateTime>

#include "agent-desktop/core/timeline_model.h"

namespace parlor::agent {
namespace {

// Everything that the layout depends on, within one conversation.
QString keyOf(const TimelineEntry& entry, bool startsDay, bool startsGroup, int width) {
    return QStringLiteral("%1 %2 %3 %4 %5 %6 %7 %8")
        .arg(entry.requestId)
        .arg(entry.staff)
        .arg(entry.seq)
        .arg(static_cast<int>(entry.delivery))
        .arg(entry.failure)
        .arg(startsDay)
        .arg(startsGroup)
        .arg(width);
}

}  // namespace

TimelineDelegate::TimelineDelegate(QObject* parent)
    : QStyledItemDelegate(parent), layouts_(kKept) {}

const BubbleLayout* TimelineDelegate::layout(const QModelIndex& index, int width,
                                             const QFont& font) const {
    const auto* model = qobject_cast<const TimelineModel*>(index.model());
    const TimelineEntry* entry = model ? model->entry(index) : nullptr;
    if (!entry) return nullptr;
    const bool startsDay = index.data(TimelineModel::StartsDayRole).toBool();
    const bool startsGroup = index.data(TimelineModel::StartsGroupRole).toBool();
    const QString key = keyOf(*entry, startsDay, startsGroup, width);
    if (const BubbleLayout* kept = layouts_.object(key)) return kept;
    auto* made = new BubbleLayout(
        {*entry, startsDay, startsGroup, width, QDateTime::currentMSecsSinceEpoch(), font});
    layouts_.insert(key, made);  // owned by the cache
    return made;
}

void TimelineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const {
    const auto* line = layout(index, option.rect.width(), option.font);
    if (!line) return;
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    line->paint(*painter, option.rect.topLeft(), Theme::of(option.palette), selected);
}

QSize TimelineDelegate::sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const {
    const auto* line = layout(index, width_, option.font);
    // The width is the view's own business.
    return line ? QSize(1, line->size().height()) : QSize();
}

BubbleLayout::Hit TimelineDelegate::hit(const QModelIndex& index, const QPoint& at, int width,
                                        const QFont& font) const {
    const auto* line = layout(index, width, font);
    return line ? line->hit(at) : BubbleLayout::Hit{};
}

}  // namespace parlor::agent
