#pragma once

#include <QLabel>
#include <QPushButton>
#include <QTextEdit>
#include <QToolButton>
#include <QWidget>

#include "agent-desktop/core/actions/send_text.h"

namespace parlor::agent {

// Where an agent writes. Enter and Ctrl+Enter send, Shift+Enter breaks the line.
class Composer : public QWidget {
    Q_OBJECT

 public:
    explicit Composer(QWidget* parent = nullptr);

    QString text() const { return edit_->toPlainText(); }
    void setText(const QString& text);
    // Empty: it can be written; otherwise why not.
    void setBlocked(const QString& reason);
    void focusText() { edit_->setFocus(); }

 Q_SIGNALS:
    void sendRequested(const QString& text, parlor::agent::Audience audience);
    void typed();  // the person changed a text that visitors will see
    void emptied();

 protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

 private:
    void send();
    void onEdited();
    void refresh();  // what depends on the text and on whether it can be written
    void onNoteToggled(bool note);
    void fitHeight();
    Audience audience() const;

    QLabel* const blocked_;
    QTextEdit* const edit_;
    QToolButton* const note_;
    QLabel* const hint_;
    QPushButton* const send_;
    bool setting_ = false;  // a text set by us is not typed
};

}  // namespace parlor::agent
