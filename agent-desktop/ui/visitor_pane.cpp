#include "agent-desktop/ui/visitor_pane.h"

#include <QLocale>
#include <QPainter>
#include <QVBoxLayout>

#include "agent-desktop/ui/avatar.h"
#include "agent-desktop/ui/wording.h"

namespace parlor::agent {
namespace {

constexpr int kAvatar = 56;

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

// "zh-CN" as a person says it; what is no locale, as it is.
QString languageName(const std::string& bcp47) {
    const QLocale locale(text(bcp47));
    if (bcp47.empty() || locale.language() == QLocale::C) return text(bcp47);
    return Wording::tr("%1 (%2)").arg(locale.nativeLanguageName(), text(bcp47));
}

}  // namespace

VisitorPane::VisitorPane(QWidget* parent)
    : QWidget(parent),
      avatar_(new QWidget(this)),
      name_(new ElidedLabel(this)),
      presence_(new QLabel(this)) {
    setObjectName("visitorPane");
    setAttribute(Qt::WA_StyledBackground);
    avatar_->setFixedSize(kAvatar, kAvatar);
    name_->setBold(true);
    presence_->setProperty("role", "muted");

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(4);
    column->addWidget(avatar_);
    column->addSpacing(4);
    column->addWidget(name_);
    column->addWidget(presence_);
    column->addSpacing(8);
    email_ = addField(tr("Email"));
    page_ = addField(tr("Page"));
    referrer_ = addField(tr("Came from"));
    language_ = addField(tr("Language"));
    browser_ = addField(tr("Browser"));
    department_ = addField(tr("Department"));
    since_ = addField(tr("With you since"));
    column->addStretch(1);
    refresh();
}

ElidedLabel* VisitorPane::addField(const QString& label) {
    auto* caption = new QLabel(label, this);
    caption->setProperty("role", "muted");
    auto* value = new ElidedLabel(this);
    auto* column = static_cast<QVBoxLayout*>(layout());
    column->addSpacing(6);
    column->addWidget(caption);
    column->addWidget(value);
    connect(value, &ElidedLabel::linkActivated, this, &VisitorPane::linkActivated);
    fields_.push_back({caption, value});
    return value;
}

void VisitorPane::showConversation(Conversation* conversation) {
    if (conversation_) conversation_->disconnect(this);
    conversation_ = conversation;
    if (conversation) {
        connect(conversation, &Conversation::changed, this, &VisitorPane::refresh);
        connect(conversation, &Conversation::presenceChanged, this, &VisitorPane::refresh);
    }
    refresh();
}

void VisitorPane::set(ElidedLabel* field, const QString& value, const QUrl& link) {
    field->setText(value);
    field->setLink(link);
    for (const Field& each : fields_) {
        if (each.value != field) continue;
        each.label->setVisible(!value.isEmpty());
        each.value->setVisible(!value.isEmpty());
    }
}

void VisitorPane::refresh() {
    const v1::Visitor nobody;
    const v1::Visitor& visitor = conversation_ ? conversation_->visitor() : nobody;
    name_->setText(conversation_
                       ? Wording::visitor(conversation_->visitorName(), conversation_->id())
                       : QString());
    presence_->setText(conversation_ ? Wording::presence(conversation_->presence()) : QString());

    // Where the visitor is now, as far as presence tells; else where the conversation began.
    const bool placed = conversation_ && !conversation_->place().page_url().empty();
    const QString url = text(placed ? conversation_->place().page_url() : visitor.page_url());
    const QString title = text(placed ? conversation_->place().page_title() : visitor.page_title());
    set(page_, title.isEmpty() ? url : title, QUrl(url, QUrl::StrictMode));
    set(referrer_, text(visitor.referrer()), QUrl(text(visitor.referrer()), QUrl::StrictMode));
    set(email_, text(visitor.email()));
    set(language_, languageName(visitor.locale()));
    set(browser_, text(visitor.user_agent()));
    set(department_, conversation_ ? conversation_->department() : QString());
    const bool held = conversation_ && conversation_->isHeld();
    set(since_, held ? Wording::time(conversation_->heldSinceMs()) : QString());
    update();
}

void VisitorPane::paintEvent(QPaintEvent* event) {
    QWidget::paintEvent(event);
    if (!conversation_) return;
    QPainter painter(this);
    const Theme theme = Theme::of(palette());
    paintAvatar(painter, avatar_->geometry(), name_->text(),
                QString::fromStdString(conversation_->id().str()), theme);
    paintPresence(painter, avatar_->geometry(), conversation_->presence(), theme.panel, theme);
}

}  // namespace parlor::agent
