#include "agent-desktop/ui/theme.h"

namespace parlor::agent {
namespace {

Theme lightTheme() {
    Theme theme;
    theme.window = QColor("#f4f6f8");
    theme.panel = QColor("#ffffff");
    theme.line = QColor("#e2e6eb");
    theme.text = QColor("#1d2530");
    theme.muted = QColor("#697586");
    theme.accent = QColor("#2f6bd8");
    theme.accentText = QColor("#ffffff");
    theme.selected = QColor("#e4edfc");
    theme.hover = QColor("#f1f4f8");
    theme.theirs = QColor("#ffffff");
    theme.ours = QColor("#dbe8fd");
    theme.note = QColor("#fff3d3");
    theme.noteText = QColor("#614a12");
    theme.good = QColor("#2b9a5b");
    theme.warning = QColor("#b26a00");
    theme.danger = QColor("#c2362b");
    return theme;
}

Theme darkTheme() {
    Theme theme;
    theme.dark = true;
    theme.window = QColor("#191c22");
    theme.panel = QColor("#21252d");
    theme.line = QColor("#343a45");
    theme.text = QColor("#e7eaef");
    theme.muted = QColor("#9aa5b5");
    theme.accent = QColor("#6ea0ff");
    theme.accentText = QColor("#10141b");
    theme.selected = QColor("#2b3a55");
    theme.hover = QColor("#282d37");
    theme.theirs = QColor("#2b303a");
    theme.ours = QColor("#29406a");
    theme.note = QColor("#443a1e");
    theme.noteText = QColor("#f1dfae");
    theme.good = QColor("#58c98a");
    theme.warning = QColor("#e0a24a");
    theme.danger = QColor("#ff8277");
    return theme;
}

constexpr auto kStyleSheet = R"(
QWidget { color: @text; }
QMainWindow, QDialog { background: @window; }
QToolTip { color: @text; background: @panel; border: 1px solid @line; padding: 4px; }

#topBar, #sidePanel, #visitorPane, #chatHeader, #composer { background: @panel; }
#topBar { border-bottom: 1px solid @line; }
#chatHeader { border-bottom: 1px solid @line; }
#composer { border-top: 1px solid @line; }
QSplitter::handle { background: @line; }

QListView { background: @panel; border: none; outline: none; }
#timeline { background: @window; }

QLabel[role="title"] { font-weight: 600; }
QLabel[role="section"] { color: @muted; font-weight: 600; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="error"] { color: @danger; }
QLabel[role="link"] { color: @accent; }

QLineEdit, QTextEdit {
  background: @panel; border: 1px solid @line; border-radius: 8px; padding: 6px 8px;
  selection-background-color: @accent; selection-color: @accentText;
}
QLineEdit:focus, QTextEdit:focus { border-color: @accent; }
QTextEdit[note="true"] { background: @note; color: @noteText; }
QLineEdit:disabled, QTextEdit:disabled { background: @window; color: @muted; }

QPushButton {
  background: @panel; border: 1px solid @line; border-radius: 8px; padding: 6px 14px;
}
QPushButton:hover { background: @hover; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @muted; }
QPushButton[role="primary"] {
  background: @accent; border-color: @accent; color: @accentText; font-weight: 600;
}
QPushButton[role="primary"]:hover { border-color: @text; }
QPushButton[role="primary"]:disabled { background: @line; border-color: @line; color: @muted; }
QPushButton[role="danger"] { background: @danger; border-color: @danger; color: @accentText; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 8px; padding: 5px 8px; }
QToolButton:hover { background: @hover; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @muted; }
QToolButton:checked { background: @selected; color: @accent; }
QToolButton[note="true"] { border-color: @line; }
QToolButton[note="true"]:checked { background: @note; color: @noteText; }
QToolButton::menu-indicator { image: none; }

#notice { border-bottom: 1px solid @line; background: @note; }
#notice QLabel { color: @noteText; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: @line; border-radius: 4px; min-height: 32px; margin: 1px; }
QScrollBar::handle:vertical:hover { background: @muted; }
QScrollBar::handle:vertical:disabled { background: transparent; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea { border: none; background: transparent; }
QMenu { background: @panel; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 6px 20px; border-radius: 4px; }
QMenu::item:selected { background: @selected; }
)";

}  // namespace

Theme Theme::of(const QPalette& palette) {
    return palette.color(QPalette::Window).lightness() < 128 ? darkTheme() : lightTheme();
}

QString Theme::styleSheet() const {
    QString sheet = QString::fromUtf8(kStyleSheet);
    // The longer names first: @accent would eat the front of @accentText.
    sheet.replace("@accentText", accentText.name());
    sheet.replace("@noteText", noteText.name());
    sheet.replace("@selected", selected.name());
    sheet.replace("@accent", accent.name());
    sheet.replace("@danger", danger.name());
    sheet.replace("@window", window.name());
    sheet.replace("@panel", panel.name());
    sheet.replace("@muted", muted.name());
    sheet.replace("@hover", hover.name());
    sheet.replace("@line", line.name());
    sheet.replace("@note", note.name());
    sheet.replace("@text", text.name());
    return sheet;
}

QPalette Theme::palette() const {
    QPalette palette;
    palette.setColor(QPalette::Window, window);
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, panel);
    palette.setColor(QPalette::AlternateBase, hover);
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::PlaceholderText, muted);
    palette.setColor(QPalette::Button, panel);
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::Highlight, accent);
    palette.setColor(QPalette::HighlightedText, accentText);
    palette.setColor(QPalette::Link, accent);
    palette.setColor(QPalette::ToolTipBase, panel);
    palette.setColor(QPalette::ToolTipText, text);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, muted);
    }
    return palette;
}

}  // namespace parlor::agent
