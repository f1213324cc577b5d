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

struct TimelineDelegate::Line {
    const TimelineEntry* entry = nullptr;  // none: there is no such line
    bool startsDay = false;
    bool startsGroup = false;
    int width = 0;
    QString key;
};

TimelineDelegate::TimelineDelegate(QObject* parent)
    : QStyledItemDelegate(parent), layouts_(kKept) {}

void TimelineDelegate::setWidth(int width) {
    if (width != width_) heights_.clear();
    width_ = width;
}

void TimelineDelegate::forget() {
    layouts_.clear();
    heights_.clear();
}

TimelineDelegate::Line TimelineDelegate::line(const QModelIndex& index, int width) const {
    const auto* model = qobject_cast<const TimelineModel*>(index.model());
    const TimelineEntry* entry = model ? model->entry(index) : nullptr;
    if (!entry) return {};
    const bool startsDay = index.data(TimelineModel::StartsDayRole).toBool();
    const bool startsGroup = index.data(TimelineModel::StartsGroupRole).toBool();
    return {entry, startsDay, startsGroup, width, keyOf(*entry, startsDay, startsGroup, width)};
}

const BubbleLayout* TimelineDelegate::layout(const Line& line, const QFont& font) const {
    if (!line.entry) return nullptr;
    if (const BubbleLayout* kept = layouts_.object(line.key)) return kept;
    auto* made = new BubbleLayout({*line.entry, line.startsDay, line.startsGroup, line.width,
                                   QDateTime::currentMSecsSinceEpoch(), font});
    layouts_.insert(line.key, made);  // owned by the cache
    return made;
}

void TimelineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const {
    const auto* bubble = layout(line(index, option.rect.width()), option.font);
    if (!bubble) return;
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    bubble->paint(*painter, option.rect.topLeft(), Theme::of(option.palette), selected);
}

QSize TimelineDelegate::sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const {
    const Line sized = line(index, width_);
    auto height = heights_.constFind(sized.key);
    if (height == heights_.constEnd()) {
        const auto* bubble = layout(sized, option.font);
        if (!bubble) return {};
        height = heights_.insert(sized.key, bubble->size().height());
    }
    // The width is the view's own business.
    return {1, *height};
}

BubbleLayout::Hit TimelineDelegate::hit(const QModelIndex& index, const QPoint& at, int width,
                                        const QFont& font) const {
    const auto* bubble = layout(line(index, width), font);
    return bubble ? bubble->hit(at) : BubbleLayout::Hit{};
}

}  // namespace parlor::agent
