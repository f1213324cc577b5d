#include "agent-desktop/ui/wording.h"

#include <QDateTime>
#include <QLocale>
#include <algorithm>

namespace parlor::agent {

using Kind = TimelineEntry::Kind;
using Delivery = TimelineEntry::Delivery;

QString Wording::visitor(const QString& name, const ConversationId& conversation) {
    if (!name.trimmed().isEmpty()) return name.simplified();
    return tr("Visitor %1").arg(QString::fromStdString(conversation.str()).right(4));
}

QString Wording::error(const Error& error) {
    switch (error.code) {
        case Errc::closed:
            return tr("the conversation is closed");
        case Errc::forbidden:
            return tr("you do not hold this conversation");
        case Errc::notFound:
            return tr("there is no such conversation");
        case Errc::tooLarge:
            return tr("the text is too long");
        case Errc::deadline:
            return tr("the server did not answer in time");
        case Errc::unavailable:
            return tr("the server cannot be reached");
        case Errc::overloaded:
            return tr("the server is too busy");
        default:
            return QString::fromStdString(error.text);
    }
}

QString Wording::acceptError(const Error& error) {
    switch (error.code) {
        case Errc::conflict:
            return tr("Somebody was faster: %1").arg(QString::fromStdString(error.text));
        case Errc::closed:
            return tr("The visitor has left: the conversation is closed.");
        default:
            return tr("The conversation could not be accepted: %1.").arg(Wording::error(error));
    }
}

QString Wording::commandError(const OutboxItem& item) {
    const Error& why = *item.failure;
    // What the server says of these is more than what the code does.
    const bool told = why.code == Errc::forbidden && !why.text.empty();
    const QString reason = told ? QString::fromStdString(why.text) : error(why);
    if (item.draft.has_decline()) return tr("The offer could not be declined: %1.").arg(reason);
    if (item.draft.has_transfer()) return tr("Not transferred: %1.").arg(reason);
    if (item.draft.has_take_over()) return tr("Not taken over: %1.").arg(reason);
    if (item.draft.has_prioritize()) {
        return tr("The priority was not changed: %1.").arg(reason);
    }
    if (item.draft.has_join()) return tr("Not joined: %1.").arg(reason);
    return tr("Not left: %1.").arg(reason);
}

QString Wording::signInError(const Error& error, const QString& server) {
    switch (error.code) {
        case Errc::forbidden:
            return tr("The agent or the password is wrong.");
        case Errc::unavailable:
        case Errc::deadline:
            return tr("There is no broker at %1.").arg(server);
        default:
            return QString::fromStdString(error.text);
    }
}

QString Wording::system(const TimelineEntry& entry) {
    switch (entry.kind) {
        case Kind::opened:
            return entry.text.isEmpty() ? tr("Conversation opened")
                                        : tr("Conversation opened for %1").arg(entry.text);
        case Kind::assigned:
            return tr("%1 took the conversation").arg(entry.text);
        case Kind::closed: {
            if (entry.delivery == Delivery::failed) return tr("Could not be closed");
            if (entry.delivery != Delivery::none) return tr("Closing …");
            const QString who =
                entry.from == TimelineEntry::From::visitor ? tr("The visitor") : entry.author;
            const QString closed = who.isEmpty() ? tr("Conversation closed")
                                                 : tr("%1 closed the conversation").arg(who);
            return entry.text.isEmpty() ? closed : tr("%1: %2").arg(closed, entry.text);
        }
        case Kind::rating: {
            const int score = std::clamp(entry.score, 0, 5);
            const QString stars = QString(score, QChar(0x2605)) + QString(5 - score, QChar(0x2606));
            return entry.text.isEmpty() ? tr("Rated %1").arg(stars)
                                        : tr("Rated %1: %2").arg(stars, entry.text);
        }
        case Kind::message:
        case Kind::note:
            return entry.text;
        default:
            return dispatch(entry);
    }
}

QString Wording::dispatch(const TimelineEntry& entry) {
    const QString by = entry.author.isEmpty() ? tr("Somebody") : entry.author;
    switch (entry.kind) {
        case Kind::offered:
            return tr("Offered to %1").arg(entry.text);
        case Kind::declined:
            return tr("%1 declined").arg(entry.text);
        case Kind::timedOut:
            return tr("%1 did not answer the offer").arg(entry.text);
        case Kind::transferred:
            return tr("%1 transferred the conversation to %2").arg(by, entry.text);
        case Kind::takenOver:
            return tr("%1 took the conversation over").arg(by);
        case Kind::prioritized:
            return tr("%1 set the priority to %2").arg(by, entry.text);
        case Kind::joined:
            return tr("%1 joined").arg(entry.text);
        case Kind::left:
            return tr("%1 left").arg(entry.text);
        case Kind::released:
            return tr("%1 gave the conversation back to the queue").arg(entry.text);
        case Kind::lost:
            return tr("%1 went offline: the conversation is back in the queue").arg(entry.text);
        case Kind::reopened:
            return tr("The visitor reopened the conversation");
        default:
            return {};
    }
}

QString Wording::delivery(const TimelineEntry& entry) {
    switch (entry.delivery) {
        case Delivery::none:
            return {};
        case Delivery::waiting:
            return tr("Waiting for the connection");
        case Delivery::sending:
            return tr("Sending …");
        case Delivery::recorded:
            return entry.kind == Kind::note ? tr("Saved") : tr("Sent");
        case Delivery::seen:
            return tr("Seen");
        case Delivery::failed:
            return tr("Not sent: %1").arg(error({entry.failureCode, entry.failure.toStdString()}));
    }
    return {};
}

QString Wording::connection(AgentClient::Connection connection) {
    switch (connection) {
        case AgentClient::Connection::signedOut:
            return tr("Signed out");
        case AgentClient::Connection::connecting:
            return tr("Connecting …");
        case AgentClient::Connection::online:
            return tr("Connected");
        case AgentClient::Connection::reconnecting:
            return tr("Connection lost, trying again …");
    }
    return {};
}

QString Wording::presence(Conversation::Presence presence) {
    switch (presence) {
        case Conversation::Presence::here:
            return tr("On the page");
        case Conversation::Presence::away:
            return tr("Looking elsewhere");
        case Conversation::Presence::unknown:
            return tr("Not on the page");
    }
    return {};
}

QString Wording::composerBlocked(const Conversation& conversation) {
    switch (conversation.phase()) {
        case Conversation::Phase::held:
        case Conversation::Phase::joined:
            return {};
        case Conversation::Phase::closed:
            return tr("This conversation is closed.");
        case Conversation::Phase::released:
            return conversation.holder().isEmpty()
                       ? tr("You do not hold this conversation.")
                       : tr("This conversation is not yours any more; %1 took it last.")
                             .arg(conversation.holder());
    }
    return {};
}

QString Wording::waited(qint64 sinceMs, qint64 nowMs) {
    const qint64 seconds = std::max<qint64>(0, (nowMs - sinceMs) / 1000);
    if (seconds < 60) return tr("%1 s").arg(seconds);
    if (seconds < 3600) return tr("%1 min").arg(seconds / 60);
    return tr("%1 h %2 min").arg(seconds / 3600).arg(seconds % 3600 / 60);
}

QString Wording::time(qint64 atMs) {
    // The locale's hours and minutes; some have the seconds even in the short form.
    static const QString kFormat = QLocale().timeFormat(QLocale::ShortFormat).remove(":ss");
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(atMs).time(), kFormat);
}

QString Wording::day(qint64 atMs, qint64 nowMs) {
    const QDate day = QDateTime::fromMSecsSinceEpoch(atMs).date();
    const QDate today = QDateTime::fromMSecsSinceEpoch(nowMs).date();
    if (day == today) return tr("Today");
    if (day == today.addDays(-1)) return tr("Yesterday");
    return QLocale().toString(day, QLocale::LongFormat);
}

QString Wording::briefly(qint64 atMs, qint64 nowMs) {
    if (atMs == 0) return {};
    const QDate day = QDateTime::fromMSecsSinceEpoch(atMs).date();
    const bool today = day == QDateTime::fromMSecsSinceEpoch(nowMs).date();
    return today ? time(atMs) : QLocale().toString(day, QLocale::ShortFormat);
}

}  // namespace parlor::agent
