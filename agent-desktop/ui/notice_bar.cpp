#include "agent-desktop/ui/notice_bar.h"

#include <QHBoxLayout>
#include <QToolButton>
#include <chrono>

namespace parlor::agent {
namespace {

constexpr std::chrono::seconds kShown{15};

}  // namespace

NoticeBar::NoticeBar(QWidget* parent) : QWidget(parent), text_(new QLabel(this)) {
    setObjectName("notice");
    setAttribute(Qt::WA_StyledBackground);
    text_->setTextFormat(Qt::PlainText);
    text_->setWordWrap(true);
    auto* close = new QToolButton(this);
    close->setText(QStringLiteral("✕"));
    close->setAccessibleName(tr("Dismiss"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 6, 8, 6);
    row->addWidget(text_, 1);
    row->addWidget(close);
    fade_.setSingleShot(true);
    connect(close, &QToolButton::clicked, this, &QWidget::hide);
    connect(&fade_, &QTimer::timeout, this, &QWidget::hide);
    hide();
}

void NoticeBar::tell(const QString& text) {
    text_->setText(text);
    show();
    fade_.start(kShown);
}

}  // namespace parlor::agent
