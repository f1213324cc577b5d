#pragma once

#include <QByteArray>
#include <QObject>
#include <QSocketNotifier>

#include "agent-desktop/core/agent_client.h"

namespace parlor::agent {

// Does what JSON lines on standard input ask for, one object a line:
//
//   {"do":"accept","conversation":…}          {"do":"say","conversation":…,"text":…}
//   {"do":"note","conversation":…,"text":…}   {"do":"close","conversation":…,"reason":…}
//   {"do":"typing","conversation":…}          {"do":"read","conversation":…}
//   {"do":"take_over","conversation":…}
//   {"do":"status","state":"online"|"away"|"busy"}
//   {"do":"quit"}
//
// A line that cannot be done is answered with {"on":"error",…} and otherwise ignored.
class Commander : public QObject {
    Q_OBJECT

 public:
    explicit Commander(AgentClient& client, QObject* parent = nullptr);

 Q_SIGNALS:
    void quit();   // asked for
    void ended();  // standard input has ended

 private:
    void onReadable();
    void obey(const QByteArray& line);
    // Empty: done; otherwise why not.
    QString obeyConversation(const QString& verb, const QJsonObject& command);
    QString setStatus(const QString& state);

    AgentClient& client_;
    QSocketNotifier notifier_;
    QByteArray buffer_;
};

}  // namespace parlor::agent
