#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include "agent-desktop/core/bus_link.h"
#include "agent-desktop/core/identity.h"
#include "agent-desktop/core/timing.h"

namespace parlor::agent {

// Tells a conversation that the agent is typing: at once, again every Timing::typingRepeat while it
// goes on, and that it ended, at stop() or Timing::typingTimeout after the last key.
class TypingSignal : public QObject {
    Q_OBJECT

 public:
    TypingSignal(BusLink& link, Identity identity, ConversationId conversation,
                 const Timing& timing, QObject* parent = nullptr);

    void typed();
    void stop();

 private:
    void publish(bool active);

    BusLink& link_;
    const Identity identity_;
    const ConversationId conversation_;
    const Timing timing_;
    QElapsedTimer lastSent_;  // invalid: not typing
    QTimer idle_;
};

}  // namespace parlor::agent
