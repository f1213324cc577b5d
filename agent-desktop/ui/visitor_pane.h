#pragma once

#include <QFormLayout>
#include <QLabel>
#include <QPointer>
#include <QUrl>
#include <QWidget>
#include <vector>

#include "agent-desktop/core/conversation.h"
#include "agent-desktop/ui/elided_label.h"

namespace parlor::agent {

// The right column: what is known of the visitor. All of it is the visitor's word.
class VisitorPane : public QWidget {
    Q_OBJECT

 public:
    explicit VisitorPane(QWidget* parent = nullptr);

    void showConversation(Conversation* conversation);  // nullptr: nothing

 Q_SIGNALS:
    void linkActivated(const QUrl& url);

 protected:
    void paintEvent(QPaintEvent* event) override;

 private:
    struct Field {
        QLabel* label;
        ElidedLabel* value;
    };

    ElidedLabel* addField(const QString& label);
    void set(ElidedLabel* field, const QString& value, const QUrl& link = {});
    void refresh();

    QPointer<Conversation> conversation_;
    QWidget* const avatar_;  // keeps the room; painted by us
    ElidedLabel* const name_;
    QLabel* const presence_;
    std::vector<Field> fields_;
    ElidedLabel* page_ = nullptr;
    ElidedLabel* referrer_ = nullptr;
    ElidedLabel* email_ = nullptr;
    ElidedLabel* language_ = nullptr;
    ElidedLabel* browser_ = nullptr;
    ElidedLabel* department_ = nullptr;
    ElidedLabel* since_ = nullptr;
};

}  // namespace parlor::agent
