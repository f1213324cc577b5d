#include "agent-desktop/ui/handover_menu.h"

namespace parlor::agent {

using Phase = Conversation::Phase;

HandoverMenu::HandoverMenu(QWidget* parent) : QToolButton(parent), menu_(new QMenu(this)) {
    setText(tr("Hand over"));
    setToolTip(tr("Transfer, give back, take part"));
    setMenu(menu_);
    setPopupMode(QToolButton::InstantPopup);
    transfer_ = add(tr("Transfer …"), "transferAction", &HandoverMenu::transferRequested);
    giveBack_ = add(tr("Give back to the queue"), "giveBackAction", &HandoverMenu::leaveRequested);
    join_ = add(tr("Join"), "joinAction", &HandoverMenu::joinRequested);
    leave_ = add(tr("Leave"), "leaveAction", &HandoverMenu::leaveRequested);
    takeOver_ = add(tr("Take over"), "takeOverAction", &HandoverMenu::takeOverRequested);
}

QAction* HandoverMenu::add(const QString& text, const QString& name,
                           void (HandoverMenu::*signal)()) {
    auto* action = menu_->addAction(text, this, signal);
    action->setObjectName(name);
    return action;
}

void HandoverMenu::refresh(Phase phase, bool isSupervisor) {
    transfer_->setVisible(phase == Phase::held);
    giveBack_->setVisible(phase == Phase::held);
    join_->setVisible(phase == Phase::released);
    leave_->setVisible(phase == Phase::joined);
    takeOver_->setVisible(isSupervisor && (phase == Phase::released || phase == Phase::joined));
    setVisible(phase != Phase::closed);
}

}  // namespace parlor::agent
