#pragma once

#include <QCache>
#include <QHash>
#include <QStyledItemDelegate>

#include "agent-desktop/ui/bubble_layout.h"

namespace parlor::agent {

// Paints a TimelineModel's lines, and says what lies under the mouse. Layouts of the lines in sight
// are kept, and the heights of all, so that neither scrolling nor a new line breaks old lines
// again.
class TimelineDelegate : public QStyledItemDelegate {
    Q_OBJECT

 public:
    explicit TimelineDelegate(QObject* parent = nullptr);

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    // `at` counts from the upper left corner of the line.
    BubbleLayout::Hit hit(const QModelIndex& index, const QPoint& at, int width,
                          const QFont& font) const;

    // Of the lines, pixels; the view sets it before it lays them out.
    void setWidth(int width);
    // Another conversation, font or day.
    void forget();

 private:
    struct Line;
    Line line(const QModelIndex& index, int width) const;
    const BubbleLayout* layout(const Line& line, const QFont& font) const;

    static constexpr int kKept = 500;  // lines

    int width_ = 0;
    mutable QCache<QString, BubbleLayout> layouts_;  // by Line::key
    mutable QHash<QString, int> heights_;            // by Line::key, at width_
};

}  // namespace parlor::agent
