#pragma once

#include <QPushButton>
#include <QTimer>

namespace parlor::agent {

// A button for what cannot be undone: the first press asks, a second one within a few seconds does
// it. No dialog stands in the way.
class ConfirmButton : public QPushButton {
    Q_OBJECT

 public:
    ConfirmButton(const QString& text, const QString& question, QWidget* parent = nullptr);

 Q_SIGNALS:
    void confirmed();

 private:
    void onClicked();
    void setAsking(bool asking);

    const QString text_;
    const QString question_;
    QTimer patience_;
};

}  // namespace parlor::agent
