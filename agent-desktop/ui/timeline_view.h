#pragma once

#include <QListView>
#include <QUrl>

#include "agent-desktop/core/timeline_model.h"
#include "agent-desktop/ui/timeline_delegate.h"

namespace parlor::agent {

// A conversation's lines. Stays at the end while the end is in sight, and where it is otherwise.
class TimelineView : public QListView {
    Q_OBJECT

 public:
    explicit TimelineView(QWidget* parent = nullptr);

    // Shows the end of it. Nullptr: nothing. The model must outlive its being shown.
    void showTimeline(TimelineModel* timeline);

 Q_SIGNALS:
    void linkActivated(const QUrl& url);  // http or https
    void retryRequested(const QString& requestId);
    void discardRequested(const QString& requestId);

 protected:
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void changeEvent(QEvent* event) override;

 private:
    BubbleLayout::Hit hitAt(const QPoint& at) const;
    bool isAtEnd() const;
    void followEnd();
    void copySelected() const;

    TimelineDelegate* const delegate_;  // a child
    bool atEnd_ = true;
    QMetaObject::Connection onChanged_;
};

}  // namespace parlor::agent
