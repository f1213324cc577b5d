#pragma once

#include <QColor>
#include <QPalette>
#include <QString>

namespace parlor::agent {

// The colours and measures of the window, light or dark as the desktop's palette is.
struct Theme {
    bool dark = false;
    QColor window;  // behind everything
    QColor panel;   // lists, bars, fields
    QColor line;    // hairlines
    QColor text;
    QColor muted;       // second-rank text
    QColor accent;      // what can be done
    QColor accentText;  // on accent
    QColor selected;    // the current row
    QColor hover;
    QColor theirs;  // visitor's bubble
    QColor ours;    // agents' bubble
    QColor note;
    QColor noteText;
    QColor good;
    QColor warning;
    QColor danger;

    static constexpr int kSpace = 8;  // all distances are multiples of half of it
    static constexpr int kRadius = 8;
    static constexpr int kBubbleRadius = 14;

    static Theme of(const QPalette& palette);
    // For the whole application.
    QString styleSheet() const;
    // So that what the style draws by itself (scroll bars, menus) agrees.
    QPalette palette() const;
};

}  // namespace parlor::agent
