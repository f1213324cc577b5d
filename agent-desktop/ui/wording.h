#pragma once

#include <QCoreApplication>
#include <QString>

#include "agent-desktop/core/agent_client.h"

namespace parlor::agent {

// What the window says, where more than one part says it. Names, texts and reasons come from
// strangers: all of it is plain text, never markup.
class Wording {
    Q_DECLARE_TR_FUNCTIONS(parlor::agent::Wording)

 public:
    // The visitor's name, or one made from the conversation's id.
    static QString visitor(const QString& name, const ConversationId& conversation);
    static QString error(const Error& error);
    static QString acceptError(const Error& error);
    // Of a command that failed, but accept.
    static QString commandError(const OutboxItem& item);
    // `server` as it was typed.
    static QString signInError(const Error& error, const QString& server);
    // For every kind but message and note.
    static QString system(const TimelineEntry& entry);
    static QString delivery(const TimelineEntry& entry);
    static QString connection(AgentClient::Connection connection);
    static QString presence(Conversation::Presence presence);
    // Why nothing can be written; empty while it can.
    static QString composerBlocked(const Conversation& conversation);

    static QString waited(qint64 sinceMs, qint64 nowMs);
    static QString time(qint64 atMs);                   // 14:05
    static QString day(qint64 atMs, qint64 nowMs);      // Today, Yesterday, Monday 23 November
    static QString briefly(qint64 atMs, qint64 nowMs);  // time today, else date

 private:
    // system() for what tells who has the conversation.
    static QString dispatch(const TimelineEntry& entry);
};

}  // namespace parlor::agent
