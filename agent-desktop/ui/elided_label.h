#pragma once

#include <QFrame>
#include <QString>
#include <QUrl>

namespace parlor::agent {

// One line of plain text that is cut to the room there is, whole in its tool tip. Where it stands
// for a web address, a click or Enter opens that.
class ElidedLabel : public QFrame {
    Q_OBJECT

 public:
    explicit ElidedLabel(QWidget* parent = nullptr);

    void setText(const QString& text);
    const QString& text() const { return text_; }
    void setBold(bool bold);
    void setMuted(bool muted);  // second-rank text
    // Invalid or not http(s): no link.
    void setLink(const QUrl& url);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

 Q_SIGNALS:
    void linkActivated(const QUrl& url);

 protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

 private:
    QString text_;
    QUrl link_;
    bool muted_ = false;
};

}  // namespace parlor::agent
