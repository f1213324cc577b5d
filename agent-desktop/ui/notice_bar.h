#pragma once

#include <QLabel>
#include <QTimer>
#include <QWidget>

namespace parlor::agent {

// Tells the person what went wrong, until it is read or a while has passed. The newest replaces
// what stood before.
class NoticeBar : public QWidget {
    Q_OBJECT

 public:
    explicit NoticeBar(QWidget* parent = nullptr);

    void tell(const QString& text);
    QString text() const { return text_->text(); }

 private:
    QLabel* const text_;
    QTimer fade_;
};

}  // namespace parlor::agent
