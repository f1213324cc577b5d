#pragma once

#include <QString>
#include <QtGlobal>

#include "agent-desktop/core/identity.h"
#include "agent-desktop/core/outbox_item.h"
#include "proto/codec.h"

namespace parlor::agent {

// One line of a conversation as it is shown.
struct TimelineEntry {
    enum class Kind {
        message,
        note,
        opened,
        assigned,
        closed,
        rating,
        offered,      // to `text`
        declined,     // by `text`
        timedOut,     // an offer that `text` did not answer
        transferred,  // by `author`, to the agent or department `text`
        takenOver,    // by `author`
        prioritized,  // by `author`, to `text`
        joined,       // `text` takes part
        left,         // `text` does so no more
        released,     // `text` gave it back
        lost,         // `text` went offline
        reopened,     // the visitor spoke again
    };
    enum class From { visitor, me, colleague, system };
    enum class Delivery {
        none,      // not ours
        waiting,   // for a connection
        sending,   // posted, no receipt yet
        recorded,  // confirmed
        seen,      // confirmed, and the visitor's reading position is past it
        failed,    // see `failure`
    };

    Kind kind = Kind::message;
    From from = From::system;
    QString author;   // name to show; may be empty
    QString text;     // message, note, closing reason, rating's comment, new holder's name …
    qint64 atMs = 0;  // Unix time: the ledger's clock, for what is pending this computer's
    int score = 0;    // rating
    QString requestId;
    Delivery delivery = Delivery::none;
    Errc failureCode = Errc::internal;  // with Delivery::failed
    QString failure;

    // Where it stands: behind the shared event `shared`; notes after the shared event they
    // followed. What is pending stands behind everything.
    quint64 shared = 0;
    bool staff = false;
    quint64 seq = 0;

    bool isBubble() const { return kind == Kind::message || kind == Kind::note; }
};

// Whether the event makes a line of its own. A reading position does not, nor does that a
// conversation is back in the queue: what brought it there does.
bool isShown(const v1::Event& event);
TimelineEntry entryOf(const v1::Event& event, const Identity& me);
// For lasting items only.
TimelineEntry entryOf(const OutboxItem& item, const Identity& me);

}  // namespace parlor::agent
