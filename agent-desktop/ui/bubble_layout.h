#pragma once

#include <QFont>
#include <QPainter>
#include <QTextLayout>
#include <QUrl>
#include <vector>

#include "agent-desktop/core/timeline_entry.h"
#include "agent-desktop/ui/link_finder.h"
#include "agent-desktop/ui/theme.h"

namespace parlor::agent {

// One line of a timeline, laid out for a width: day separator, speaker's name, bubble or system
// line, time and delivery, and what can be clicked in it.
class BubbleLayout {
 public:
    struct Input {
        TimelineEntry entry;
        bool startsDay = false;
        bool startsGroup = false;
        int width = 0;  // of the whole line, pixels
        qint64 nowMs = 0;
        QFont font;
    };
    enum class Action { none, openLink, retry, discard };
    struct Hit {
        Action action = Action::none;
        QUrl url;  // with openLink
    };

    explicit BubbleLayout(Input input);

    QSize size() const { return {input_.width, height_}; }
    void paint(QPainter& painter, const QPoint& origin, const Theme& theme, bool selected) const;
    // `at` counts from the line's upper left corner.
    Hit hit(const QPoint& at) const;

 private:
    void layOutBubble();
    void layOutSystem();
    void layOutText(const QString& text, const QFont& font, int width, Qt::Alignment alignment);
    void layOutFailure(bool onTheRight);
    void paintDay(QPainter& painter, const Theme& theme) const;
    void paintBubble(QPainter& painter, const Theme& theme, bool selected) const;
    void paintFailure(QPainter& painter, const Theme& theme) const;
    bool isOurs() const;
    QFont smallFont() const;
    QString meta() const;

    const Input input_;
    QTextLayout text_;
    std::vector<Link> links_;
    int dayBottom_ = 0;  // the day separator takes what is above
    QRect name_;
    QRect bubble_;
    QPoint textAt_;
    QRect meta_;
    QRect failure_;
    QRect retry_;
    QRect discard_;
    int height_ = 0;
};

}  // namespace parlor::agent
