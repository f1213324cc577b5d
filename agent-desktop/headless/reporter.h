#pragma once

#include <QJsonObject>
#include <QObject>

#include "agent-desktop/core/agent_client.h"

namespace parlor::agent {

// Tells what happens to an agent as JSON lines on standard output, one object a line:
//
//   {"on":"connected"}  {"on":"disconnected"}
//   {"on":"sign_in_failed","code":…,"text":…}  {"on":"trouble","code":…,"text":…}
//   {"on":"queued","conversation":…,"department":…,"visitor":…,"preview":…}
//   {"on":"unqueued","conversation":…}
//   {"on":"assigned","conversation":…}  {"on":"released","conversation":…}
//   {"on":"event","conversation":…,"stream":"shared"|"staff","seq":…,"epoch":…,"type":…,
//    "from":"visitor"|"agent"|"system","agent":…,"name":…,"text":…,"request_id":…}
//   {"on":"sending","conversation":…,"request_id":…}
//   {"on":"sent","conversation":…,"request_id":…,"seq":…}
//   {"on":"failed","conversation":…,"request_id":…,"code":…,"text":…}
//   {"on":"accept_failed","conversation":…,"code":…,"text":…}
//   {"on":"command_failed","conversation":…,"code":…,"text":…}   take_over
//   {"on":"presence","conversation":…,"state":"here"|"away"|"unknown"}
//   {"on":"typing","conversation":…,"active":…}
//   {"on":"error","text":…}           a command that cannot be done
class Reporter : public QObject {
    Q_OBJECT

 public:
    explicit Reporter(AgentClient& client, QObject* parent = nullptr);

    static void write(const QJsonObject& line);

 private:
    void onConnection();
    void onQueued(const ConversationId& id);
    void watch(Conversation& conversation);

    AgentClient& client_;
};

}  // namespace parlor::agent
