#include "agent-desktop/ui/confirm_button.h"

#include <QStyle>
#include <chrono>

namespace parlor::agent {
namespace {

constexpr std::chrono::seconds kPatience{4};

}  // namespace

ConfirmButton::ConfirmButton(const QString& text, const QString& question, QWidget* parent)
    : QPushButton(text, parent), text_(text), question_(question) {
    patience_.setSingleShot(true);
    connect(this, &QPushButton::clicked, this, &ConfirmButton::onClicked);
    connect(&patience_, &QTimer::timeout, this, [this] { setAsking(false); });
}

void ConfirmButton::onClicked() {
    const bool sure = patience_.isActive();
    setAsking(!sure);
    if (sure) Q_EMIT confirmed();
}

void ConfirmButton::setAsking(bool asking) {
    if (asking) {
        patience_.start(kPatience);
    } else {
        patience_.stop();
    }
    setText(asking ? question_ : text_);
    setProperty("role", asking ? "danger" : "");
    style()->unpolish(this);
    style()->polish(this);
}

}  // namespace parlor::agent
